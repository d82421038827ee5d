import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { execFileSync } from 'node:child_process'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { PassThrough } from 'node:stream'
import { fileURLToPath } from 'node:url'
import Database from 'better-sqlite3'
import { beforeAll, describe, expect, it } from 'vitest'
import { createProgram } from '#cli/program.js'
import { indexRoot } from '#indexer/index-root.js'
import { ERROR_CODES } from '#src/errors.js'
import { temporaryDirectory } from '../support/temporary-directory.js'
import { recorded } from '../support/writing.js'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const FIXTURE = join(ROOT, 'test/fixtures/llm-sim')

function page(name: string): string {
  return readFileSync(join(ROOT, name), 'utf8')
}

/** The texts of a page's code blocks in a language. */
function codeBlocks(name: string, language: string): string[] {
  const fence = new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\``, 'gms')
  return [...page(name).matchAll(fence)].map(([, text = '']) => text)
}

describe('every page', () => {
  const pages = ['README.md', 'CHANGELOG.md', ...markdownBelow('docs')]

  it.each(pages)('%s links to what is there', (name) => {
    const links = [...page(name).matchAll(/\]\((?!https?:)([^)#]+)[^)]*\)/g)]
    for (const [, target = ''] of links) {
      expect(existsSync(join(ROOT, dirname(name), target)), `${name} → ${target}`).toBe(true)
    }
  })
})

function markdownBelow(directory: string): string[] {
  return readdirSync(join(ROOT, directory), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md'))
    .map((name) => join(directory, name))
}

describe('README.md', () => {
  it('has two commands that package.json knows', () => {
    const { scripts } = JSON.parse(page('package.json')) as { scripts: Record<string, string> }
    const commands = [...page('README.md').matchAll(/^npm ci && npm (?:run )?(\w+)/gm)]
    expect(commands.map(([, script]) => script)).toEqual(['demo', 'test'])
    for (const [, script = ''] of commands) expect(scripts).toHaveProperty(script)
  })

  it('shows a writer that records', () => {
    const directory = temporaryDirectory()
    const [snippet = ''] = codeBlocks('README.md', 'ts')
    const library = new URL('../../dist/src/index.js', import.meta.url).href
    const script = join(directory, 'snippet.mjs')
    expect(snippet).toContain("from 'turnlog'")
    writeFileSync(script, snippet.replace("'turnlog'", `'${library}'`))
    execFileSync(process.execPath, [script], { cwd: directory })
    expect(recorded(join(directory, 'output'), 'market-1')).toHaveLength(200)
  })
})

describe('docs/settings.md', () => {
  it('is what its script writes', () => {
    const written = execFileSync(process.execPath, ['scripts/settings-page.mjs'], { cwd: ROOT })
    expect(page('docs/settings.md')).toBe(written.toString())
  })
})

describe('docs/cli.md and docs/settings.md', () => {
  it('have every command and every flag', () => {
    const text = page('docs/cli.md') + page('docs/settings.md')
    const silent = new PassThrough()
    const program = createProgram({ out: silent, err: silent }, () => undefined)
    expect(program.commands.length).toBeGreaterThan(4)
    for (const command of program.commands) {
      expect(text).toContain(`turnlog ${command.name()}`)
      for (const option of command.options) expect(text).toContain(option.long ?? option.flags)
    }
  })
})

describe('docs/errors.md', () => {
  it('has every code with its meaning, and no other', () => {
    const rows = [...page('docs/errors.md').matchAll(/^\| `([A-Z_]+)` +\| (.+?) +\| /gm)]
    expect(Object.fromEntries(rows.map(([, code = '', meaning]) => [code, meaning]))).toEqual(
      ERROR_CODES,
    )
  })
})

describe('docs/sql.md', () => {
  const directory = mkdtempSync(join(tmpdir(), 'turnlog-test-'))
  const path = join(directory, 'index.db')

  beforeAll(async () => {
    mkdirSync(directory, { recursive: true })
    await indexRoot({ root: FIXTURE, db: path, search: true })
    return () => {
      rmSync(directory, { recursive: true })
    }
  })

  it('has every view with every column, and no other', () => {
    const db = new Database(path, { readonly: true })
    const views = db
      .prepare("SELECT name FROM sqlite_schema WHERE type = 'view' ORDER BY name")
      .pluck()
      .all()
    const sections = page('docs/sql.md')
      .split(/^## `(\w+)`$/m)
      .slice(1)
    const documented = new Map<string, string[]>()
    for (let index = 0; index < sections.length; index += 2) {
      const columns = [...(sections[index + 1] ?? '').matchAll(/^\| (`\w+`(?:, `\w+`)*) +\|/gm)]
      const names = columns.flatMap(([, cell = '']) => cell.replaceAll('`', '').split(', '))
      documented.set(sections[index] ?? '', names)
    }
    expect([...documented.keys()].sort()).toEqual(views)
    for (const [view, columns] of documented) {
      const actual = db
        .prepare<[], string>(`SELECT name FROM pragma_table_info('${view}')`)
        .pluck()
        .all()
      expect({ view, columns: columns.sort() }).toEqual({ view, columns: actual.sort() })
    }
    db.close()
  })

  it.each(['turn_number = 37', 'turn_number BETWEEN 37 AND 40', "event_id = 'x'"])(
    'promises that %s is found in an index',
    (condition) => {
      const db = new Database(path, { readonly: true })
      const plan = db
        .prepare<[], { detail: string }>(
          `EXPLAIN QUERY PLAN SELECT * FROM events WHERE simulation_id = 'run' AND ${condition}`,
        )
        .all()
      const [, column = ''] = /_(turn|event_id)/.exec(`_${condition}`) ?? []
      expect(plan.map(({ detail }) => detail).join('\n')).toMatch(
        new RegExp(`SEARCH event USING INDEX \\w+ \\(simulation=\\? AND ${column}`),
      )
      db.close()
    },
  )

  it('asks questions that have answers', () => {
    const db = new Database(path, { readonly: true })
    const questions = codeBlocks('docs/sql.md', 'sql')
    expect(questions.length).toBeGreaterThan(4)
    for (const question of questions) {
      const rows = db.prepare(question).all()
      // There is nothing wrong with these files.
      const expected = question.includes('FROM rejects') ? 0 : 1
      expect({ question, answers: Math.min(rows.length, 1) }).toEqual({
        question,
        answers: expected,
      })
    }
    db.close()
  })
})
