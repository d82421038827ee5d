import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import Database from 'better-sqlite3'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ROW_FORMATS } from '#cli/sql/row-formats.js'
import { indexRoot } from '#indexer/index-root.js'
import { prepareQuery } from '#src/sidecar/prepare-query.js'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const PAGE = readFileSync(join(ROOT, 'docs/sql.md'), 'utf8')

const directory = mkdtempSync(join(tmpdir(), 'turnlog-test-'))
const path = join(directory, 'index.db')
let db: Database.Database

beforeAll(async () => {
  await indexRoot({ root: join(ROOT, 'test/fixtures/village'), db: path, search: true })
  db = new Database(path, { readonly: true })
})

afterAll(() => {
  db.close()
  rmSync(directory, { recursive: true })
})

/** A row of a view's table on the page, for each column it has. */
interface DocumentedColumn {
  readonly column: string
  readonly type: string
  readonly unit: string
  readonly example: string
  readonly meaning: string
}

/** The columns the page has, by view. */
function documentedViews(): Map<string, DocumentedColumn[]> {
  const sections = PAGE.split(/^## `(\w+)`$/m).slice(1)
  const views = new Map<string, DocumentedColumn[]>()
  for (let index = 0; index < sections.length; index += 2) {
    const rows = [...(sections[index + 1] ?? '').matchAll(/^\| (`.*) \|$/gm)]
    const columns = rows.flatMap(([, row = '']) => {
      const [names = '', type = '', unit = '', example = '', meaning = ''] = row
        .split(' | ')
        .map((cell) => cell.trim())
      return names
        .replaceAll('`', '')
        .split(', ')
        .map((column) => ({
          column,
          type,
          unit,
          example: example.replace(/^`(.*)`$/, '$1'),
          meaning,
        }))
    })
    views.set(sections[index] ?? '', columns)
  }
  return views
}

/** A heading of the page with its query and its answer. */
interface WorkedQuestion {
  readonly title: string
  readonly query: string
  readonly answer: string
}

function workedQuestions(): WorkedQuestion[] {
  const [, part = ''] = PAGE.split('## Worked questions')
  return part
    .split(/^### /m)
    .slice(1)
    .map((text) => {
      const [title = ''] = text.split('\n')
      const [, query = ''] = /^```sql\n([^]*?)^```$/m.exec(text) ?? []
      const [, answer = ''] = /^```text\n([^]*?)^```$/m.exec(text) ?? []
      return { title, query, answer }
    })
}

describe('docs/sql.md', () => {
  it('has every view with every column, and no other', () => {
    const views = db
      .prepare("SELECT name FROM sqlite_schema WHERE type = 'view' ORDER BY name")
      .pluck()
      .all()
    const documented = documentedViews()
    expect([...documented.keys()].sort()).toEqual(views)
    for (const [view, columns] of documented) {
      const actual = db
        .prepare<[], string>(`SELECT name FROM pragma_table_info('${view}')`)
        .pluck()
        .all()
      const names = columns.map(({ column }) => column)
      expect({ view, columns: names.sort() }).toEqual({ view, columns: actual.sort() })
    }
  })

  it('says of every column what type it has, in what unit, and what it means', () => {
    for (const [view, columns] of documentedViews()) {
      for (const { column, type, unit, meaning } of columns) {
        expect(unit, `${view}.${column}`).not.toBe('')
        expect(meaning, `${view}.${column}`).not.toBe('')
        const types = db
          .prepare(`SELECT DISTINCT typeof("${column}") FROM ${view} WHERE "${column}" IS NOT NULL`)
          .pluck()
          .all()
        expect({ view, column, types }).toEqual({ view, column, types: [type] })
      }
    }
  })

  it('gives examples that stand in the sidecar', () => {
    for (const [view, columns] of documentedViews()) {
      for (const example of new Set(columns.map((column) => column.example))) {
        const names = columns.filter((one) => one.example === example).map(({ column }) => column)
        const conditions = names.map((column) => `CAST("${column}" AS TEXT) = $example`)
        const found = db
          .prepare(`SELECT count(*) > 0 FROM ${view} WHERE ${conditions.join(' OR ')}`)
          .pluck()
          .get({ example })
        expect({ view, names, example, found }).toEqual({ view, names, example, found: 1 })
      }
    }
  })

  it.each(['turn_number = 37', 'turn_number BETWEEN 37 AND 40', "event_id = 'x'"])(
    'promises that %s is found in an index',
    (condition) => {
      const plan = db
        .prepare<[], { detail: string }>(
          `EXPLAIN QUERY PLAN SELECT * FROM events WHERE simulation_id = 'run' AND ${condition}`,
        )
        .all()
      const [, column = ''] = /_(turn|event_id)/.exec(`_${condition}`) ?? []
      expect(plan.map(({ detail }) => detail).join('\n')).toMatch(
        new RegExp(`SEARCH event USING INDEX \\w+ \\(simulation=\\? AND ${column}`),
      )
    },
  )

  it('has no query that does not run', () => {
    const queries = [...PAGE.matchAll(/^```sql\n([^]*?)^```$/gm)]
    expect(queries.length).toBeGreaterThanOrEqual(21)
    for (const [, query = ''] of queries) expect(db.prepare(query).all()).not.toEqual([])
  })

  it('asks at least twenty questions', () => {
    expect(workedQuestions().length).toBeGreaterThanOrEqual(20)
  })

  it.each(workedQuestions())('answers as SQLite’s own program does: $title', ({ query }) => {
    const rows: unknown[] = db.prepare(query).all()
    const printed = execFileSync('sqlite3', ['-readonly', '-json', path, query])
    expect(rows).not.toEqual([])
    expect(JSON.parse(printed.toString())).toEqual(rows)
  })

  it.each(workedQuestions())('shows the answer as printed: $title', ({ query, answer }) => {
    const { columns, rows } = prepareQuery(db, query)
    const table = ROW_FORMATS.table(columns)
    expect(table.rows([...rows()]) + table.end(false)).toBe(answer)
  })
})
