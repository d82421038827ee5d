import { readFileSync } from 'node:fs'

/** This turnlog's version, from the package it was installed with. */
export function readVersion(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8')
  const manifest = JSON.parse(text) as { readonly version: string }
  return manifest.version
}
