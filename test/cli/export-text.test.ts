import { randomUUID } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { eventually } from '../support/eventually.js'
import { askDuckDb } from '../support/duckdb.js'
import { eventLine, segmentText } from '../support/event-lines.js'
import { ODD_LINES } from '../support/odd-run.js'
import { readCsv } from '../support/read-csv.js'
import { runCli, runWithFileLimit, startCli } from '../support/run-cli.js'
import { temporaryDirectory } from '../support/temporary-directory.js'

/** A root whose runs are indexed. */
async function indexed(runs: Readonly<Record<string, readonly string[]>>): Promise<string> {
  const root = join(temporaryDirectory(), 'root')
  for (const [run, lines] of Object.entries(runs)) {
    mkdirSync(join(root, run), { recursive: true })
    writeFileSync(join(root, run, 'events.jsonl'), segmentText(...lines))
  }
  await runCli('index', '--root', root, '--no-search')
  return root
}

const late = eventLine('late', { second: 2 })
const early = eventLine('early', { second: 1, agent: 'a' })

describe('turnlog export --format ndjson', () => {
  it('writes lines as they were recorded, in the order of time', async () => {
    const root = await indexed({ a: [late, early], b: ODD_LINES })
    const flags = ['--root', root, '--format', 'ndjson']
    const a = await runCli('export', 'a', ...flags, '--output', '-')
    expect(a).toEqual({ code: 0, stdout: segmentText(early, late), stderr: '' })
    const both = await runCli('export', 'b', 'a', 'b', ...flags, '--output', '-')
    const lines = both.stdout.split('\n').slice(0, -1)
    expect(lines.slice(-2)).toEqual([early, late])
    expect(lines.slice(0, -2).sort()).toEqual([...ODD_LINES].sort())
    const limited = await runCli('export', 'a', ...flags, '--output', '-', '--limit', '1')
    expect(limited.stdout).toBe(segmentText(early))
    const ofAgent = await runCli('export', 'b', 'a', ...flags, '--output', '-', '--agent', 'a')
    expect(ofAgent.stdout).toBe(segmentText(ODD_LINES[0] ?? '', early))
  })

  it('makes a directory of several runs', async () => {
    const root = await indexed({ a: [early], b: [late] })
    const output = join(root, 'out')
    const flags = ['--root', root, '--format', 'ndjson', '--output', output]
    const { stdout } = await runCli('export', 'a', 'b', ...flags)
    expect(stdout).toBe(
      `a: 1 event in ${output}/a.ndjson (${early.length + 1} B)\nb: 1 event in ${output}/b.ndjson (${late.length + 1} B)\n`,
    )
    expect(readFileSync(join(output, 'b.ndjson'), 'utf8')).toBe(segmentText(late))
  })
})

describe('turnlog export --format csv', () => {
  it('has quotes around either half of a line break', async () => {
    const broken = ['a\rb', 'c\nd', 'e\r\nf'].map((description, index) =>
      eventLine(`e${index}`, { second: index, description }),
    )
    const root = await indexed({ a: broken })
    const flags = ['--root', root, '--format', 'csv', '--output', '-']
    const { stdout } = await runCli('export', 'a', ...flags)
    expect(stdout.match(/"[^"]*",,\r\n/g)).toEqual([
      '"a\rb",,\r\n',
      '"c\nd",,\r\n',
      '"e\r\nf",,\r\n',
    ])
  })

  it('writes a table that others read, and nothing is lost of it', async () => {
    const root = await indexed({ a: [early], b: ODD_LINES })
    const output = join(root, 'out.csv')
    const flags = ['--root', root, '--format', 'csv', '--output']
    const { stdout } = await runCli('export', 'a', 'b', ...flags, '-')
    writeFileSync(output, stdout)
    expect(stdout.split('\r\n').slice(0, 2)).toEqual([
      'simulation_id,event_id,timestamp,turn_number,event_type,kind,agent_id,caused_by,description,details,other',
      'a,early,2026-01-01T00:00:01.000000+00:00,0,STATE,,a,,,,',
    ])
    const rows = await askDuckDb(
      `SELECT * FROM read_csv('${output}', all_varchar = true, header = true, new_line = '\\r\\n', quote = '"', escape = '"', delim = ',')`,
    )
    expect(rows).toHaveLength(1 + ODD_LINES.length)
    const told = new Map(rows.map((row) => [row['event_id'], row]))
    expect(told.get('plain')).toMatchObject({
      simulation_id: 'b',
      timestamp: '2025-10-04T14:23:45.123456+00:00',
      turn_number: '9007199254740991',
      kind: 'x',
      caused_by: null,
      details: '{"variable_name":"x","new_value":1.0,"big":12345678901234567890}',
    })
    expect(told.get('a cause twice')).toMatchObject({ caused_by: '["plain","plain","nulls"]' })
    expect(told.get('unknown keys')).toMatchObject({ other: '{"b":1e22,"a":{"x":[1.0]},"":null}' })
    // Whoever opens it in a spreadsheet is told so in the docs: data stay data.
    expect(told.get('formula')).toMatchObject({ description: '=1+1;\r\n"x",y' })
    expect(stdout).toMatch(/,STATE,,"",,"",\{\},\r\n/)
  })

  it('keeps every kind of line break within its field', async () => {
    const texts = ['a\nb', 'a\rb', 'a\r\nb', '\n', '\r', '\n\r', '', '"', ',', 'plain']
    const lines = texts.map((text, index) =>
      eventLine(`e${index}`, { description: text, agent: text, second: index }),
    )
    const root = await indexed({ a: [...lines, eventLine('without', { second: 59 })] })
    const { stdout } = await runCli(
      ...['export', 'a', '--root', root, '--format', 'csv', '--output', '-'],
    )
    const [head = [], ...rows] = readCsv(stdout)
    for (const row of rows) expect(row).toHaveLength(head.length)
    const of = (column: string): unknown[] => rows.map((row) => row[head.indexOf(column)])
    expect(of('description')).toEqual([...texts, null])
    expect(of('agent_id')).toEqual([...texts, null])
  })
})

describe('turnlog export', () => {
  it('names what is wrong with the command line', async () => {
    const root = await indexed({ a: [early] })
    const cases: [args: string[], code: number, message: string][] = [
      [['a'], 2, "required option '-f, --format <format>' not specified"],
      [['a', '--format', 'xml'], 2, 'Allowed choices are parquet, csv, ndjson, html'],
      [['--format', 'csv'], 2, "missing required argument 'run'"],
      [['a', '--format', 'csv', '--limit', '0'], 2, 'It must be a whole number from 1.'],
      [['a', '--format', 'parquet', '--output', '-'], 2, 'can be csv or ndjson, not parquet'],
      [['a', '--format', 'csv', '--output', '-', '--json'], 2, '--json cannot be told apart'],
      [['A', '--format', 'csv', '--output', join(root, 'x')], 1, 'no simulation has the id "A"'],
      [['a', '--format', 'csv', '--type', 'ACTIO'], 2, '--type'],
      [['a', '--format', 'csv', '--output', join(root, 'a')], 1, 'it is there already'],
      [['a', '--format', 'csv', '--output', join(root, 'a'), '--force'], 1, 'it is a directory'],
      [
        ['a', '--format', 'csv', '--output', '/dev/null/x'],
        1,
        'a part of its path is no directory',
      ],
      [
        ['a', '--format', 'csv', '--output', `${root}/${'x'.repeat(300)}`],
        1,
        'the name is too long',
      ],
    ]
    for (const [args, code, message] of cases) {
      const result = await runCli('export', '--root', root, ...args)
      expect({ args, code: result.code, stdout: result.stdout }).toEqual({ args, code, stdout: '' })
      expect(result.stderr).toContain(message)
      expect(result.stderr).not.toContain('    at ')
    }
    expect(readdirSync(root).sort(), 'nothing is left').toEqual(['.turnlog', 'a'])
  })

  it.each(['SIGINT', 'SIGKILL'] as const)('leaves no file half written by %s', async (signal) => {
    const lines = Array.from({ length: 60_000 }, (_, index) =>
      eventLine(`e${index}`, { description: 'x'.repeat(200) }),
    )
    const root = await indexed({ a: [early], long: lines })
    const output = join(root, 'out')
    const running = startCli(
      ...['export', 'a', 'long', '--root', root, '--format', 'parquet', '--output', output],
    )
    await eventually(() => {
      const staged = readdirSync(output)
      expect(readdirSync(join(output, staged[0] ?? ''))).toContain('1.partial')
    })
    const code = await running.stop(signal)
    if (signal === 'SIGINT') {
      expect({ code, stderr: running.printedErrors() }).toEqual({ code: 130, stderr: '' })
      expect(existsSync(output)).toBe(false)
    } else {
      expect(readdirSync(output, { recursive: true }).filter(isParquet)).toEqual([])
    }
  })

  it('leaves nothing on a full disk, and says so', async () => {
    const lines = Array.from({ length: 5_000 }, () => eventLine(randomUUID()))
    const root = await indexed({ long: lines })
    const output = join(root, 'out')
    for (const format of ['parquet', 'csv', 'ndjson']) {
      const { code, stderr } = await runWithFileLimit(
        40,
        ...['export', 'long', '--root', root, '--format', format, '--output', output],
      )
      expect({ format, code }).toEqual({ format, code: 1 })
      expect(stderr).toMatch(
        /^turnlog: write \S+: the file would be larger than the system allows\n/,
      )
      expect(existsSync(output)).toBe(false)
    }
    expect(readdirSync(root).sort()).toEqual(['.turnlog', 'long'])
  })
})

function isParquet(name: string | Buffer): boolean {
  return String(name).endsWith('.parquet')
}
