import { readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'
import { expect } from 'vitest'
import { temporaryDirectory } from './temporary-directory.js'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))

/** What snippets import, as it is built. */
const ENTRIES = { turnlog: 'dist/src/index.js', 'turnlog/client': 'dist/api/client/index.js' }

/** The TypeScript of a page, block by block. */
export function snippets(page: string): string[] {
  const text = readFileSync(join(ROOT, page), 'utf8')
  return [...text.matchAll(/^```ts\n([^]*?)^```$/gm)].map(([, snippet = '']) => snippet)
}

/** A snippet as a script. */
export interface BuiltSnippet {
  /** Where it is meant to be run. */
  readonly directory: string
  readonly script: string
}

/**
 * Checks a snippet with its types, in a directory where `turnlog` and what it depends on are
 * installed.
 */
export function buildSnippet(snippet: string): BuiltSnippet {
  const directory = temporaryDirectory()
  symlinkSync(join(ROOT, 'node_modules'), join(directory, 'node_modules'))
  const file = join(directory, 'snippet.ts')
  // A module of the package's own finds it by its name, as an installed one would.
  let source = snippet
  for (const [name, entry] of Object.entries(ENTRIES)) {
    source = source.replaceAll(`'${name}'`, JSON.stringify(join(ROOT, entry)))
  }
  writeFileSync(file, source)
  const program = ts.createProgram([file], {
    target: ts.ScriptTarget.ES2023,
    module: ts.ModuleKind.ESNext,
    moduleResolution: ts.ModuleResolutionKind.Bundler,
    moduleDetection: ts.ModuleDetectionKind.Force,
    strict: true,
    noUncheckedIndexedAccess: true,
    skipLibCheck: true,
    preserveSymlinks: true,
    types: ['node'],
    typeRoots: [join(ROOT, 'node_modules/@types')],
  })
  const problems = ts.getPreEmitDiagnostics(program)
  expect(
    problems.map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, ' ')),
  ).toEqual([])
  const { outputText } = ts.transpileModule(source, {
    compilerOptions: { target: ts.ScriptTarget.ES2023, module: ts.ModuleKind.ESNext },
  })
  const script = join(directory, 'snippet.mjs')
  writeFileSync(script, outputText)
  return { directory, script }
}
