import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'
import { describe, expect, it } from 'vitest'
import { eventSchema, type TurnlogEvent } from '#src/event/event-schema.js'
import { wordOf } from '../support/small-world.js'
import { temporaryDirectory } from '../support/temporary-directory.js'
import { recorded } from '../support/writing.js'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))

/** The TypeScript of a page, block by block. */
function snippets(page: string): string[] {
  const text = readFileSync(join(ROOT, page), 'utf8')
  return [...text.matchAll(/^```ts\n([^]*?)^```$/gm)].map(([, snippet = '']) => snippet)
}

/**
 * Checks a snippet with its types and runs it, in a directory where `turnlog`
 * and what it depends on are installed.
 */
function run(snippet: string): { stdout: string; events: TurnlogEvent[] } {
  const directory = temporaryDirectory()
  symlinkSync(join(ROOT, 'node_modules'), join(directory, 'node_modules'))
  const file = join(directory, 'snippet.ts')
  // A module of the package's own finds it by its name, as an installed one would.
  const library = join(ROOT, 'dist/src/index.js')
  writeFileSync(file, snippet.replaceAll("'turnlog'", JSON.stringify(library)))
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
  const { outputText } = ts.transpileModule(readFileSync(file, 'utf8'), {
    compilerOptions: { target: ts.ScriptTarget.ES2023, module: ts.ModuleKind.ESNext },
  })
  const script = join(directory, 'snippet.mjs')
  writeFileSync(script, outputText)
  const stdout = execFileSync(process.execPath, [script], { cwd: directory, encoding: 'utf8' })
  const [simulationId = ''] = readdirSync(join(directory, 'output'))
  return { stdout, events: recorded(join(directory, 'output'), simulationId) }
}

describe('README.md', () => {
  it('shows a simulation that records everything', () => {
    const [, snippet = ''] = snippets('README.md')
    const words = run(snippet).events.map(wordOf)
    for (const word of ['turn_start', 'success', 'plan', 'dig', 'gold', 'turn_end']) {
      expect(words.filter((one) => one === word).length, word).toBeGreaterThanOrEqual(3)
    }
  })
})

describe('docs/simulation.md', () => {
  const [village = '', types = '', ...more] = snippets('docs/simulation.md')

  it('has no snippet that is not run', () => {
    expect(more).toEqual([])
  })

  it('shows an orchestrator that plays as the page says', () => {
    const { stdout, events } = run(village)
    expect(stdout).toMatch(/^village-\d{8}-\d{6}-1agents: completed after 3 turns\n$/)
    const words = new Set(events.map(wordOf))
    for (const word of ['mood', 'give', 'grain', 'yield', 'harvest', 'success']) {
      expect(words).toContain(word)
    }
  })

  it('shows a type of one’s own', () => {
    expect(run(types).events.map(wordOf)).toEqual(['trade'])
  })

  it('shows calls as they are written', () => {
    const page = readFileSync(join(ROOT, 'docs/simulation.md'), 'utf8')
    const lines = [...page.matchAll(/^\{"event_id".*$/gm)].map(([line]) => line)
    expect(lines).toHaveLength(2)
    for (const line of lines) expect(eventSchema.parse(JSON.parse(line))).toBeTypeOf('object')
  })
})
