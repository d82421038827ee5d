import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { fixtureRoot, rootOf } from '../support/cli-root.js'
import { eventLine } from '../support/event-lines.js'
import { FIXTURE, MARKET } from '../support/indexed-root.js'

/** The lines of a run as they stand in its files, in reading order. */
function recordedLines(run: string): string[] {
  const names = readdirSync(join(FIXTURE, run)).sort()
  const inOrder = [...names.filter((name) => name !== 'events.jsonl'), 'events.jsonl']
  return inOrder.flatMap((name) =>
    readFileSync(join(FIXTURE, run, name), 'utf8')
      .split('\n')
      .filter((line) => line !== ''),
  )
}

describe('turnlog events', () => {
  it('prints every line of a run as it was recorded', async () => {
    const { run } = await fixtureRoot()
    const { code, stdout, stderr } = await run('events', MARKET, '--json')
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    const printed = stdout.split('\n').slice(0, -1)
    expect(printed.sort()).toEqual(recordedLines(MARKET).sort())
  })

  it('keeps spelling that JavaScript would change', async () => {
    const line = eventLine('a').replace('}', ',"x":1.0,"y":1e22,"z":9007199254740993}')
    const { run } = await rootOf({ odd: [line] })
    expect((await run('events', 'odd', '--json')).stdout).toBe(`${line}\n`)
  })

  it.each([
    [['--turn', '3'], ({ turn_number: turn }: Fields) => turn === 3],
    [
      ['--turn-start', '60', '--turn-end', '62'],
      ({ turn_number: turn }: Fields) => turn >= 60 && turn <= 62,
    ],
    [
      ['--type', 'DECISION,ENV'],
      ({ event_type: type }: Fields) => ['DECISION', 'ENV'].includes(type),
    ],
    [['--agent', 'agent_alice'], ({ agent_id: agent }: Fields) => agent === 'agent_alice'],
    [
      ['--start', '2025-10-04T14:30:00Z'],
      ({ timestamp }: Fields) => timestamp >= '2025-10-04T14:30:00',
    ],
    [
      ['--details', 'system_event_type=turn_start'],
      ({ details }: Fields) => details?.['system_event_type'] === 'turn_start',
    ],
  ])('filters by %j', async (flags, matches) => {
    const { run } = await fixtureRoot()
    const { stdout } = await run('events', MARKET, '--json', ...flags)
    const printed = stdout.split('\n').slice(0, -1)
    const expected = recordedLines(MARKET).filter((line) => matches(JSON.parse(line) as Fields))
    expect(expected.length).toBeGreaterThan(0)
    expect(printed.sort()).toEqual(expected.sort())
  })

  it('takes the last ones first, some of them, and some of their keys', async () => {
    const { run } = await rootOf({
      r: ['a', 'b', 'c'].map((id, second) => eventLine(id, { second })),
    })
    const { stdout } = await run(
      'events',
      'r',
      '--json',
      '--order',
      'desc',
      '--limit',
      '2',
      '--fields',
      'turn_number,event_id',
    )
    expect(stdout).toBe('{"event_id":"c","turn_number":0}\n{"event_id":"b","turn_number":0}\n')
  })

  it('shows people a table in which nothing steers their terminal', async () => {
    const description = 'a\u001b[2Jb\nc\u009bd\u202ee'
    const { run } = await rootOf({
      r: [eventLine('a', { agent: '国家\t中国', description }), eventLine('b')],
    })
    const { stdout } = await run('events', 'r')
    expect(stdout.split('\n').slice(1)).toEqual([
      'a         2026-01-01 00:00:00.000     0  STATE  国家 中国        a [2Jb c d e',
      'b         2026-01-01 00:00:00.000     0  STATE',
      '',
    ])
  })

  it('shows people the keys they ask for', async () => {
    const { run } = await rootOf({ r: [eventLine('a', { turn: 7, causes: ['x'] })] })
    const { stdout } = await run(
      'events',
      'r',
      '--fields',
      'turn_number,event_id,caused_by,nothing',
    )
    expect(stdout).toBe('turn_number  event_id  caused_by  nothing\n          7  a         ["x"]\n')
  })

  it('says of an agent or a kind that the run has not what it may have been', async () => {
    const { run } = await fixtureRoot()
    expect(await run('events', 'solo', '--agent', 'agent_alise', '--json')).toEqual({
      code: 0,
      stdout: '',
      stderr: 'solo has no event of the agent "agent_alise"; did you mean agent_alice?\n',
    })
  })

  it('ends quietly when nobody reads on', async () => {
    const { root, db } = await fixtureRoot()
    const main = 'dist/cli/main.js'
    const args = [main, 'events', MARKET, '--json', '--root', root, '--db', db]
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] })
    let errors = ''
    child.stderr.setEncoding('utf8').on('data', (text: string) => (errors += text))
    await once(child.stdout, 'data')
    child.stdout.destroy()
    await once(child, 'close')
    expect({ code: child.exitCode, errors }).toEqual({ code: 0, errors: '' })
  })

  it('refuses a filter that is none, and names flag, value and what was meant', async () => {
    const { run } = await fixtureRoot()
    const { code, stdout, stderr } = await run(
      'events',
      'solo',
      '--type',
      'DECISON',
      '--limit',
      'x',
    )
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toContain('--type "DECISON" must be one of MILESTONE, DECISION')
    expect(stderr).toContain('; did you mean DECISION?')
    expect(stderr).toContain('--limit "x" must be a whole number')
  })
})

interface Fields {
  readonly turn_number: number
  readonly event_type: string
  readonly timestamp: string
  readonly agent_id: string | null
  readonly details?: Readonly<Record<string, unknown>>
}
