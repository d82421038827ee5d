import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { EventWriter } from '#src/writer/event-writer.js'
import { eventLine, segmentText } from '../support/event-lines.js'
import { eventually } from '../support/eventually.js'
import { ODD_LINES } from '../support/odd-run.js'
import { type CommandResult, runCli, runWithFileLimit, startCli } from '../support/run-cli.js'
import { temporaryDirectory } from '../support/temporary-directory.js'
import { runUnprivileged } from '../support/unprivileged.js'

const SOLO = fileURLToPath(new URL('../fixtures/llm-sim/solo/events.jsonl', import.meta.url))

/** A root that is not there yet, and files beside it. */
class Place {
  readonly directory = temporaryDirectory()
  readonly root = join(this.directory, 'root')

  file(name: string, content: string | Buffer): string {
    const path = join(this.directory, name)
    writeFileSync(path, content)
    return path
  }

  import(...args: string[]): Promise<CommandResult> {
    return runCli('import', '--root', this.root, ...args)
  }

  read(run: string, segment = 'events.jsonl'): string {
    return readFileSync(join(this.root, run, segment), 'utf8')
  }

  /** What is in the root, the files of turnlog's own left out. */
  runs(): string[] {
    return existsSync(this.root) ? readdirSync(this.root).filter((name) => name !== '.turnlog') : []
  }
}

function report({ stdout }: CommandResult): unknown {
  return JSON.parse(stdout)
}

const counts = { duplicates: 0, blank_lines: 0, refused: 0, refusals: [] }

describe('turnlog import', () => {
  it('makes a run of the very bytes that came, which is indexed as any other', async () => {
    const place = new Place()
    const odd = segmentText(...ODD_LINES)
    const file = place.file('odd.jsonl', `\ufeff${odd.slice(0, -1).replaceAll('\n', '\r\n')}`)
    const imported = await place.import(SOLO, file, '--as', 'copy', '--json')
    const bytes = readFileSync(SOLO).length + Buffer.byteLength(odd) + ODD_LINES.length - 1
    expect(report(imported)).toEqual({
      ...counts,
      simulation_id: 'copy',
      written: true,
      events: 41 + ODD_LINES.length,
      segments: ['events.jsonl'],
      bytes,
    })
    expect(imported).toMatchObject({ code: 0, stderr: '' })
    const expected =
      readFileSync(SOLO, 'utf8') + segmentText(odd.slice(0, -1).replaceAll('\n', '\r\n'))
    expect(place.read('copy')).toBe(expected)
    expect(readdirSync(place.root)).toEqual(['copy'])

    await runCli('index', '--root', place.root)
    const verified = await runCli('verify', '--root', place.root, '--json')
    expect(report(verified)).toMatchObject({
      equal: true,
      events: 41 + ODD_LINES.length,
      rejects: 0,
      duplicates: 0,
    })
  })

  it('refuses what no reader would take, and says where and why', async () => {
    const place = new Place()
    const [a, b] = [eventLine('a'), eventLine('b')]
    const parts: (string | Buffer)[] = [
      `${a}\n\n${b}\n`,
      '{"event_id":"torn\u001b[31m\n',
      `${eventLine('c').replace('STATE', 'NOISE')}\n`,
      `${eventLine('c').replace('"turn_number":0', '"turn_number":-1')}\n`,
      `${eventLine('c').replace('2026-01-01', '2026-13-01')}\n`,
      `${eventLine('').replace('NOISE', 'STATE')}\n`,
      Buffer.from([0xff, 0x0a]),
      `${a}\n`,
      `${eventLine('b', { turn: 7 })}\n`,
      '[1]',
    ]
    const content = Buffer.concat(parts.map((part) => Buffer.from(part)))
    const file = place.file('mixed.jsonl', content)
    const dry = await place.import(file, '--as', 'x', '--dry-run', '--json')
    expect(dry.code).toBe(1)
    expect(report(dry)).toMatchObject({ written: false, events: 2, refused: 8, segments: [] })
    expect(existsSync(place.root)).toBe(false)
    const strict = await place.import(file, '--as', 'x', '--strict')
    expect(strict.code).toBe(1)
    expect(strict.stdout).toMatch(/^imported nothing of 2 events/)
    expect(existsSync(place.root)).toBe(false)

    const imported = await place.import(file, '--as', 'x', '--json')
    expect(imported).toMatchObject({ code: 1, stderr: '' })
    const told = report(imported) as {
      refusals: { line: number; offset: number; reason: string }[]
    }
    expect(told).toMatchObject({
      written: true,
      events: 2,
      duplicates: 1,
      blank_lines: 1,
      refused: 8,
    })
    expect(place.read('x')).toBe(segmentText(a, b))
    const reasons: [line: number, reason: string][] = [
      [4, 'not JSON'],
      [5, 'event_type must be a known type, not "NOISE"'],
      [6, 'turn_number must be an integer from 0, not -1'],
      [7, 'timestamp "2026-13-01T00:00:00.000000+00:00" is not'],
      [8, 'event_id must be a non-empty string, not ""'],
      [9, 'not valid UTF-8'],
      [11, `event_id "b" is that of another event, in line 3 of ${file}`],
      [12, 'not a JSON object but an array'],
    ]
    expect(told.refusals.map(({ line }) => line)).toEqual(reasons.map(([line]) => line))
    for (const [index, refusal] of told.refusals.entries()) {
      expect(refusal.reason).toContain(reasons[index]?.[1])
      const start = content.indexOf('\n', refusal.offset - 1)
      expect(start, 'it begins behind a newline').toBe(refusal.offset - 1)
    }
    const { stdout } = await place.import(file, '--as', 'y')
    expect(stdout).toContain(`  ${file}:4 at ${Buffer.byteLength(`${a}\n\n${b}\n`)}: not JSON`)
    expect(stdout, 'no line steers a terminal').not.toContain('\u001b')
  })

  it('leaves out what says the same in another spelling, as readers do', async () => {
    const place = new Place()
    const line = eventLine('a')
    const spaced = line.replaceAll('":', '": ')
    const file = place.file('a.jsonl', segmentText(line, spaced, line.replace('STATE', 'ACTION')))
    const imported = await place.import(file, '--as', 'x', '--json')
    expect(report(imported)).toMatchObject({ events: 1, duplicates: 1, refused: 1 })
    expect(place.read('x')).toBe(`${line}\n`)
  })

  it('leaves nothing in a run but its events and the lock of writers', async () => {
    const place = new Place()
    await place.import(SOLO, '--as', 'x')
    expect(readdirSync(join(place.root, 'x')).sort()).toEqual(['.writer.lock', 'events.jsonl'])
  })

  it('leaves no directory behind when it writes nothing', async () => {
    const place = new Place()
    const file = place.file('bad.jsonl', 'no event\n')
    const root = join(place.directory, 'a', 'b', 'c')
    expect((await runCli('import', file, '--root', root, '--as', 'x')).code).toBe(1)
    expect(existsSync(join(place.directory, 'a'))).toBe(false)
  })

  it('says beforehand that a root cannot be one', async () => {
    const place = new Place()
    const file = place.file('a.jsonl', segmentText(eventLine('a')))
    for (const root of [file, join(file, 'below')]) {
      const { code, stderr } = await runCli(
        'import',
        file,
        '--root',
        root,
        '--as',
        'x',
        '--dry-run',
      )
      expect({ root, code }).toEqual({ root, code: 1 })
      expect(stderr).toMatch(/^turnlog: write \S+: a part of its path is no directory/)
    }
  })

  it('shows the first hundred of many', async () => {
    const place = new Place()
    const file = place.file('bad.jsonl', 'x\n'.repeat(250))
    const imported = await place.import(file, '--as', 'x')
    expect(imported.code).toBe(1)
    expect(imported.stdout.split('\n')).toHaveLength(2 + 100 + 1 + 1)
    expect(imported.stdout).toContain('… and 150 more lines')
    expect(place.runs(), 'without an event there is no run').toEqual([])
  })

  it('reads standard input and packed files', async () => {
    const place = new Place()
    const packed = place.file('a.jsonl.gz', gzipSync(segmentText(eventLine('a'))))
    const child = startCli('import', '-', packed, '--root', place.root, '--as', 'x')
    child.child.stdin?.end(eventLine('b'))
    expect(await child.exited()).toBe(0)
    expect(place.read('x')).toBe(segmentText(eventLine('b'), eventLine('a')))
    const cut = place.file('cut.gz', gzipSync('x'.repeat(1000)).subarray(0, 20))
    const { code, stderr } = await place.import(cut, '--as', 'y')
    expect(code).toBe(1)
    expect(stderr).toMatch(/^turnlog: read \S+cut\.gz: unexpected end of file\n/)
    expect(place.runs()).toEqual(['x'])
  })

  it('seals segments that are full, and none is larger unless one line is', async () => {
    const place = new Place()
    const lines = Array.from({ length: 20 }, (_, index) => eventLine(`e${index}`))
    const long = eventLine('long', { description: 'x'.repeat(2000) })
    const file = place.file('a.jsonl', segmentText(...lines, long))
    const imported = await place.import(file, '--as', 'x', '--max-file-size', '1000', '--json')
    const { segments } = report(imported) as { segments: string[] }
    expect(segments.length).toBeGreaterThan(2)
    expect(segments.at(-1)).toBe('events.jsonl')
    const texts = segments.map((name) => place.read('x', name))
    expect(texts.join('')).toBe(segmentText(...lines, long))
    for (const text of texts) expect(text.length <= 1000 || text === segmentText(long)).toBe(true)
    await runCli('index', '--root', place.root)
    const verified = await runCli('verify', '--root', place.root, '--json')
    expect(report(verified)).toMatchObject({ equal: true, events: 21, segments: segments.length })
  })

  it('touches no run that is there, nor one that is being written', async () => {
    const place = new Place()
    const file = place.file('a.jsonl', segmentText(eventLine('a')))
    await place.import(file, '--as', 'x')
    const again = await place.import(SOLO, '--as', 'x')
    expect(again).toMatchObject({ code: 1, stdout: '' })
    expect(again.stderr).toContain('there is something already')
    expect(place.read('x')).toBe(segmentText(eventLine('a')))

    const writer = new EventWriter({ outputDir: place.root, simulationId: 'live' }).start()
    const locked = await place.import(file, '--as', 'live')
    await writer.stop()
    expect(locked.code).toBe(1)
    expect(locked.stderr).toContain('a writer is at work there')
    expect(place.runs().sort()).toEqual(['live', 'x'])
  })

  it('names what is wrong with a name or a file', async () => {
    const place = new Place()
    const file = place.file('a.jsonl', segmentText(eventLine('a')))
    mkdirSync(join(place.directory, 'directory'))
    const cases: [args: string[], code: number, message: string][] = [
      [[file], 2, "required option '--as <run>' not specified"],
      [['--as', 'x'], 2, "missing required argument 'file'"],
      [[file, '--as', 'x', '--max-file-size', '0'], 2, 'a whole number of bytes from 1'],
      [[file, '--as', '../x'], 1, 'holds a slash'],
      [[file, '--as', '.turnlog'], 1, 'is the directory of the sidecar'],
      [[`${file}x`, '--as', 'x'], 1, 'it does not exist'],
      [[file, join(place.directory, 'directory'), '--as', 'x'], 1, 'it is a directory'],
    ]
    for (const [args, code, message] of cases) {
      const result = await place.import(...args)
      expect({ args, code: result.code, stdout: result.stdout }).toEqual({ args, code, stdout: '' })
      expect(result.stderr).toContain(message)
      expect(result.stderr).not.toContain('    at ')
      expect(existsSync(place.root), 'nothing is made').toBe(false)
    }
  })

  it.each(['SIGINT', 'SIGKILL'] as const)('leaves no run half written by %s', async (signal) => {
    const place = new Place()
    const running = startCli('import', '-', '--root', place.root, '--as', 'x')
    running.child.stdin?.write(segmentText(eventLine('a')))
    await eventually(() => {
      expect(readdirSync(join(place.root, '.turnlog'))).toHaveLength(1)
    })
    const code = await running.stop(signal)
    if (signal === 'SIGINT') {
      expect({ code, stderr: running.printedErrors() }).toEqual({ code: 130, stderr: '' })
      expect(existsSync(place.root)).toBe(false)
    }
    expect(place.runs()).toEqual([])
  })

  it('leaves nothing on a full disk or where it may not write, and says so', async () => {
    const place = new Place()
    const lines = Array.from({ length: 5_000 }, (_, index) => eventLine(`e${index}`))
    const file = place.file('a.jsonl', segmentText(...lines))
    const full = await runWithFileLimit(100, 'import', file, '--root', place.root, '--as', 'x')
    expect(full).toMatchObject({ code: 1, stdout: '' })
    expect(full.stderr).toMatch(/^turnlog: write \S+x: the file would be larger than the system/)
    expect(existsSync(place.root)).toBe(false)

    mkdirSync(place.root, { mode: 0o555 })
    const built = new URL('../../dist/cli/program.js', import.meta.url).href
    const printed = runUnprivileged(
      { program: built },
      `process.exitCode = 0
       const print = { write: (text) => process.stdout.write(text) }
       const code = await program.runCommandLine(JSON.parse(argument), { out: print, err: print })
       process.stdout.write(String(code))`,
      JSON.stringify(['import', file, '--root', place.root, '--as', 'x']),
    )
    expect(printed).toMatch(/^turnlog: write \S+: permission denied\n.*\n1$/)
  })
})
