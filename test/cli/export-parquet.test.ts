import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { parseTimestamp } from '#src/event/timestamp.js'
import { askDuckDb } from '../support/duckdb.js'
import { segmentText } from '../support/event-lines.js'
import { ODD_LINES } from '../support/odd-run.js'
import { runCli } from '../support/run-cli.js'
import { temporaryDirectory } from '../support/temporary-directory.js'

const FIXTURE = fileURLToPath(new URL('../fixtures/llm-sim', import.meta.url))
const MARKET = 'market-20251004-142345-6agents'

/** What a line says, of an event that says nothing odd. */
interface RecordedLine {
  readonly event_id: string
  readonly timestamp: string
  readonly turn_number: number
  readonly event_type: string
  readonly agent_id?: string | null
  readonly caused_by?: readonly string[] | null
  readonly description?: string | null
  readonly details?: Readonly<Record<string, unknown>> | null
}

/** What a table must say of a run, made from its segments alone. */
function expectedRows(run: string): unknown[] {
  const directory = join(FIXTURE, run)
  const lines = readdirSync(directory).flatMap((name) =>
    readFileSync(join(directory, name), 'utf8')
      .split('\n')
      .filter((line) => line !== ''),
  )
  return lines.map((line) => {
    const event = JSON.parse(line) as RecordedLine
    return {
      simulation_id: run,
      event_id: event.event_id,
      micros: String(parseTimestamp(event.timestamp)),
      turn_number: String(event.turn_number),
      event_type: event.event_type,
      agent_id: event.agent_id ?? null,
      caused_by: event.caused_by ?? null,
      description: event.description ?? null,
      // The last key of each line.
      details:
        event.details === null || event.details === undefined
          ? null
          : line.slice(line.indexOf('"details":') + 10, -1),
      other: null,
    }
  })
}

const SELECT = `SELECT simulation_id, event_id, epoch_us(timestamp) AS micros, turn_number, event_type,
  agent_id, caused_by, description, details, other FROM`

describe('turnlog export --format parquet', () => {
  it('writes what DuckDB reads as the segments say it, row by row and in order', async () => {
    const directory = temporaryDirectory()
    const flags = ['--root', FIXTURE, '--db', join(directory, 'x.db')]
    await runCli('index', ...flags)
    const output = join(directory, 'out')
    const exported = await runCli(
      ...['export', MARKET, 'solo', ...flags, '--format', 'parquet', '--output', output, '--json'],
    )
    expect(exported).toMatchObject({ code: 0, stderr: '' })
    const files = [MARKET, 'solo'].map((run) =>
      join(output, `simulation_id=${run}`, 'part-0.parquet'),
    )
    expect(JSON.parse(exported.stdout)).toEqual({
      runs: [
        { simulation_id: MARKET, events: 2000, files: [files[0]], bytes: sizeOf(files[0]) },
        { simulation_id: 'solo', events: 41, files: [files[1]], bytes: sizeOf(files[1]) },
      ],
    })
    expect(readdirSync(output), 'nothing else is left').toHaveLength(2)

    const rows = await askDuckDb(
      `${SELECT} read_parquet('${output}/**/*.parquet', hive_partitioning = true)`,
    )
    const byId = (a: unknown, b: unknown): number =>
      JSON.stringify(a) < JSON.stringify(b) ? -1 : 1
    const expected = [...expectedRows(MARKET), ...expectedRows('solo')]
    expect(rows.toSorted(byId)).toEqual(expected.sort(byId))

    const [order] = await askDuckDb(
      `SELECT count(*) AS early FROM (SELECT timestamp, event_id,
         lag(timestamp) OVER (ORDER BY file_row_number) AS t, lag(event_id) OVER (ORDER BY file_row_number) AS e
         FROM read_parquet('${files[0] ?? ''}', file_row_number = true)) WHERE t IS NOT NULL AND (t, e) > (timestamp, event_id)`,
    )
    expect(order).toEqual({ early: '0' })
    const types = await askDuckDb(
      `DESCRIBE ${SELECT.replace('epoch_us(timestamp) AS micros', 'timestamp')} read_parquet('${output}/**/*.parquet')`,
    )
    expect(types.map(({ column_name: name, column_type: type }) => [name, type])).toEqual([
      ['simulation_id', 'VARCHAR'],
      ['event_id', 'VARCHAR'],
      ['timestamp', 'TIMESTAMP WITH TIME ZONE'],
      ['turn_number', 'BIGINT'],
      ['event_type', 'VARCHAR'],
      ['agent_id', 'VARCHAR'],
      ['caused_by', 'VARCHAR[]'],
      ['description', 'VARCHAR'],
      ['details', 'VARCHAR'],
      ['other', 'VARCHAR'],
    ])
  })

  it('loses nothing of lines that say something in an odd way, nor of an odd name', async () => {
    const name = 'a=b {c}#1% ä'
    const root = join(temporaryDirectory(), 'root')
    mkdirSync(join(root, name), { recursive: true })
    writeFileSync(join(root, name, 'events.jsonl'), segmentText(...ODD_LINES))
    await runCli('index', '--root', root)
    const output = join(root, 'out')
    const exported = await runCli(
      ...['export', name, '--root', root, '--format', 'parquet', '--output', output],
    )
    expect(exported).toMatchObject({ code: 0, stderr: '' })
    expect(readdirSync(output)).toEqual(['simulation_id=a%3Db %7Bc%7D%231%25 ä'])
    const rows = await askDuckDb(
      `${SELECT} read_parquet('${output}/*/*.parquet', hive_partitioning = true)`,
    )
    const told = new Map(rows.map((row) => [row['event_id'], row]))
    expect(told.size).toBe(ODD_LINES.length)
    const common = { simulation_id: name, turn_number: '9007199254740991', event_type: 'STATE' }
    for (const row of rows) expect(row).toMatchObject(common)
    expect(told.get('plain')).toMatchObject({
      agent_id: 'a',
      details: '{"variable_name":"x","new_value":1.0,"big":12345678901234567890}',
      micros: '1759587825123456',
      other: null,
    })
    const nothing = { agent_id: null, caused_by: null, description: null, details: null }
    expect(told.get('nulls')).toMatchObject({ ...nothing, other: null })
    expect(told.get('no causes')).toMatchObject({ caused_by: [], other: null })
    expect(told.get('a cause twice')).toMatchObject({ caused_by: ['plain', 'plain', 'nulls'] })
    expect(told.get('one cause')).toMatchObject({ caused_by: null, other: '{"caused_by":"plain"}' })
    expect(told.get('strange causes')).toMatchObject({ other: '{"caused_by":["plain",7,null]}' })
    expect(told.get('unknown keys')).toMatchObject({ other: '{"b":1e22,"a":{"x":[1.0]},"":null}' })
    expect(told.get('another run')).toMatchObject({ other: '{"simulation_id":"elsewhere"}' })
    expect(told.get('a number as agent')).toMatchObject({
      details: '"text"',
      other: '{"agent_id":7}',
    })
    expect(told.get('half a surrogate')).toMatchObject({
      details: '{"x":"\\ud83d"}',
      other: '{"description":"\\ud83d"}',
    })
    expect(told.get('spelled')).toMatchObject({
      description: 'A/\n"é"',
      details: '{ "b" : 2 , "a":"</script>" }',
      other: null,
    })
    expect(told.get('empty texts')).toMatchObject({ agent_id: '', description: '', details: '{}' })
    expect(told.get('fine time')).toMatchObject({
      micros: '1759587825123456',
      other: '{"timestamp":"2025-10-04T14:23:45.1234567Z"}',
    })
    expect(told.get('zone')).toMatchObject({ micros: '1759587826000000', other: null })
    expect(told.get('long ago')).toMatchObject({ micros: '-315619199999999', other: null })
  })

  it('adds a run to a data set that is there, and writes none twice', async () => {
    const directory = temporaryDirectory()
    const flags = ['--root', FIXTURE, '--db', join(directory, 'x.db')]
    await runCli('index', ...flags)
    const output = join(directory, 'deep', 'out')
    const add = (...args: string[]) =>
      runCli('export', ...flags, '--format', 'parquet', '--output', output, ...args)
    expect((await add('solo')).code).toBe(0)
    expect((await add(MARKET)).code).toBe(0)
    const refused = await add('solo')
    expect(refused.code).toBe(1)
    expect(refused.stderr).toMatch(
      /^turnlog: write .*part-0\.parquet: it is there already\n.*--force/,
    )
    expect((await add('solo', '--force', '--limit', '5')).code).toBe(0)
    const counts = await askDuckDb(
      `SELECT simulation_id, count(*) AS events FROM '${output}/*/*.parquet' GROUP BY ALL ORDER BY ALL`,
    )
    expect(counts).toEqual([
      { simulation_id: MARKET, events: '2000' },
      { simulation_id: 'solo', events: '5' },
    ])
  })
})

function sizeOf(path: string | undefined): number {
  return path !== undefined && existsSync(path) ? readFileSync(path).length : Number.NaN
}
