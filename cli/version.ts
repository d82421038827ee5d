import { readFileSync } from 'node:fs'
import { z } from 'zod'

/** This turnlog's version, from the package it was installed with. */
export function readVersion(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8')
  return z.object({ version: z.string() }).parse(JSON.parse(text)).version
}
