import { appendFileSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { eventLine, segmentText } from '../support/event-lines.js'
import { eventually } from '../support/eventually.js'
import { runCli, startCli } from '../support/run-cli.js'
import { temporaryDirectory } from '../support/temporary-directory.js'
import { runUnprivileged } from '../support/unprivileged.js'
import { linesOf } from '../support/writing.js'

const FIXTURE = fileURLToPath(new URL('../fixtures/llm-sim', import.meta.url))
const ROTATE = fileURLToPath(new URL('../support/rotate-run.mjs', import.meta.url))

/** A root with a run, and a `tail --json` of it that has shown what was there. */
function makeRun(...lines: readonly string[]): { root: string; path: (name?: string) => string } {
  const root = temporaryDirectory()
  mkdirSync(join(root, 'run'))
  const path = (name = 'events.jsonl'): string => join(root, 'run', name)
  writeFileSync(path(), segmentText(...lines))
  return { root, path }
}

function idsIn(text: string): string[] {
  const lines = text.split('\n').filter((line) => line !== '')
  return lines.map((line) => (JSON.parse(line) as { event_id: string }).event_id)
}

/** The ids that a tail has printed once it has printed the last of them. */
async function printedUpTo(tail: ReturnType<typeof startCli>, id: string): Promise<string[]> {
  const { input } = await tail.output(new RegExp(`"event_id":"${id}".*\\n`))
  return idsIn(input)
}

async function lastIds(root: string, ...args: string[]): Promise<string[]> {
  const { stdout } = await runCli('tail', 'run', '--root', root, '--json', '--no-follow', ...args)
  return idsIn(stdout)
}

describe('turnlog tail', () => {
  it('shows the last events that match, over several segments', async () => {
    const { root, path } = makeRun(eventLine('d', { agent: 'x' }), eventLine('e'))
    writeFileSync(path('events_1.jsonl'), segmentText(eventLine('a', { agent: 'x' }), 'no event'))
    writeFileSync(path('events_2.jsonl'), segmentText(eventLine('b'), eventLine('c')))
    const tail = async (...args: string[]) => {
      const { stdout, stderr, code } = await runCli('tail', 'run', '--root', root, ...args)
      expect(code).toBe(0)
      return { ids: idsIn(stdout), stderr }
    }
    const at = ['--json', '--no-follow']
    expect((await tail(...at, '-n', '3')).ids).toEqual(['c', 'd', 'e'])
    expect(await tail(...at, '-n', '2', '--agent', 'x')).toEqual({
      ids: ['a', 'd'],
      stderr: expect.stringMatching(/events_1\.jsonl at \d+: /) as string,
    })
    expect(await tail(...at, '-n', '4')).toEqual({ ids: ['b', 'c', 'd', 'e'], stderr: '' })
    expect((await tail(...at, '-n', '0')).ids).toEqual([])
  })

  it('finds the last events behind lines of any length, without reading the rest', async () => {
    const long = eventLine('long', { description: 'x'.repeat(700_000) })
    const { root } = makeRun(
      eventLine('a'),
      long,
      ...Array.from({ length: 9 }, (_, at) => eventLine(`b${at}`)),
    )
    expect(await lastIds(root, '-n', '11')).toEqual([
      'a',
      'long',
      ...Array.from({ length: 9 }, (_, at) => `b${at}`),
    ])
  })

  it('matches words as the full-text index does', async () => {
    const { root } = makeRun(
      eventLine('a', { description: 'Größe, und mehr' }),
      `${eventLine('b').slice(0, -1)},"details":{"note":"gr\\u00f6\\u00dfe\\nund"}}`,
      eventLine('c', { description: 'anderes' }),
    )
    expect(await lastIds(root, '--q', 'größe und')).toEqual(['a', 'b'])
  })

  it('follows torn tails, rotation, truncation and a run that is made anew', async () => {
    const { root, path } = makeRun(eventLine('a'))
    appendFileSync(path(), eventLine('torn').slice(0, 20))
    const tail = startCli('tail', 'run', '--root', root, '--json')
    await printedUpTo(tail, 'a')

    appendFileSync(path(), `${eventLine('torn').slice(20)}\nno event\n`)
    expect(await printedUpTo(tail, 'torn')).toEqual(['a', 'torn'])

    appendFileSync(path(), segmentText(eventLine('b')))
    renameSync(path(), path('events_2026-01-01_00-00-00.jsonl'))
    writeFileSync(path(), segmentText(eventLine('c', { description: 'longer' })))
    expect(await printedUpTo(tail, 'c')).toEqual(['a', 'torn', 'b', 'c'])

    // Shorter than what was there: cut short, and written anew.
    writeFileSync(path(), segmentText(eventLine('d')))
    expect(await printedUpTo(tail, 'd')).toEqual(['a', 'torn', 'b', 'c', 'd'])

    rmSync(join(root, 'run'), { recursive: true })
    mkdirSync(join(root, 'run'))
    writeFileSync(path(), segmentText(eventLine('e')))
    expect(await printedUpTo(tail, 'e')).toEqual(['a', 'torn', 'b', 'c', 'd', 'e'])
    expect(tail.printedErrors()).toMatch(/events\.jsonl at \d+: /)
    expect(await tail.stop('SIGINT')).toBe(0)
  })

  it('shows every event of a writer once, in its order, however fast it rotates', async () => {
    const root = temporaryDirectory()
    const tail = startCli('tail', 'run', '--root', root, '--json', '--retry', '-n', '99999')
    await promisify(execFile)(process.execPath, [ROTATE, root, '5000'])
    const lines = linesOf(root)
    const last = idsIn(lines.at(-1) ?? '')[0] ?? ''
    const { input } = await tail.output(new RegExp(`"event_id":"${last}".*\\n`))
    const printed = input.trimEnd().split('\n')
    expect(idsIn(input)).toEqual(idsIn(lines.join('\n')))
    expect(printed.every((line, at) => line === lines[at])).toBe(true)
    expect(lines.length).toBeGreaterThanOrEqual(5_000)
    expect(await tail.stop()).toBe(0)
  })

  it('tells of a run that is not there, and of flags that are wrong', async () => {
    const unknown = await runCli('tail', 'sol', '--root', FIXTURE)
    expect(unknown).toMatchObject({ code: 1, stdout: '' })
    expect(unknown.stderr).toContain('did you mean solo?')
    const wrong = await runCli('tail', 'solo', '--root', FIXTURE, '--type', 'DECISON')
    expect(wrong.code).toBe(2)
    expect(wrong.stderr).toContain('did you mean DECISION?')
    expect((await runCli('tail', 'solo', '--root', FIXTURE, '-n', 'x')).code).toBe(2)
  })

  it('waits for a run that is not there yet', async () => {
    const root = temporaryDirectory()
    const tail = startCli('tail', 'run', '--root', root, '--json', '--retry')
    await eventually(() => {
      expect(tail.printedErrors()).toBe(`turnlog: waiting for ${join(root, 'run')}\n`)
    })
    mkdirSync(join(root, 'run'))
    writeFileSync(join(root, 'run', 'events.jsonl'), segmentText(eventLine('a')))
    expect(await printedUpTo(tail, 'a')).toEqual(['a'])
    expect(await tail.stop('SIGINT')).toBe(0)
  })

  it('takes no path for a run', async () => {
    const { root } = makeRun(eventLine('a'))
    for (const name of ['..', '../run', '.turnlog']) {
      const { code, stdout, stderr } = await runCli('tail', name, '--root', root, '--retry')
      expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
      expect(stderr).toContain('no run can have this name')
    }
  })

  it('gives every event when who reads them is slow', async () => {
    const { root, path } = makeRun(eventLine('first'))
    const lines = Array.from({ length: 300 }, (_, at) =>
      eventLine(`e${at}`, { description: 'x'.repeat(10_000) }),
    )
    const tail = startCli('tail', 'run', '--root', root, '--json')
    await printedUpTo(tail, 'first')
    tail.child.stdout?.pause()
    for (const line of lines) appendFileSync(path(), segmentText(line))
    renameSync(path(), path('events_2026-01-01_00-00-00.jsonl'))
    writeFileSync(path(), segmentText(eventLine('last')))
    tail.child.stdout?.resume()
    expect(await printedUpTo(tail, 'last')).toEqual([
      'first',
      ...idsIn(segmentText(...lines)),
      'last',
    ])
  })

  it('gives every event of a file that is written anew while nobody reads', async () => {
    const { root, path } = makeRun(eventLine('first'))
    const lines = (name: string): string[] =>
      Array.from({ length: 300 }, (_, at) =>
        eventLine(`${name}${at}`, { description: 'x'.repeat(10_000) }),
      )
    const tail = startCli('tail', 'run', '--root', root, '--json')
    await printedUpTo(tail, 'first')
    tail.child.stdout?.pause()
    appendFileSync(path(), segmentText('no event', ...lines('old')))
    await eventually(() => {
      expect(tail.printedErrors()).toContain('no event: ')
    })
    const anew = [...lines('new-and-longer'), eventLine('last')]
    writeFileSync(path(), segmentText(...anew))
    tail.child.stdout?.resume()
    const printed = await printedUpTo(tail, 'last')
    expect(printed.filter((id) => !id.startsWith('old'))).toEqual([
      'first',
      ...idsIn(segmentText(...anew)),
    ])
    expect(await tail.stop()).toBe(0)
    expect(tail.printedErrors().match(/no event: /g)).toHaveLength(1)
    expect(tail.printedErrors()).toContain('was written anew; it is read from its start')
  })

  it('ends at the first Ctrl-C also while nobody reads', async () => {
    const events = Array.from({ length: 300 }, (_, at) =>
      eventLine(`e${at}`, { description: 'x'.repeat(10_000) }),
    )
    const { root } = makeRun('no event', ...events)
    const tail = startCli('tail', 'run', '--root', root, '--json', '-n', '1000')
    tail.child.stdout?.pause()
    const exited = once(tail.child, 'exit')
    await eventually(() => {
      expect(tail.printedErrors()).toContain('no event')
    })
    tail.child.kill('SIGINT')
    expect(await exited).toEqual([0, null])
    tail.child.stdout?.resume()
  })

  it('goes on behind details that are nested as deeply as can be', async () => {
    const nested = `${'['.repeat(20_000)}${']'.repeat(20_000)}`
    const deep = `${eventLine('deep').slice(0, -1)},"details":${nested}}`
    const { root } = makeRun(deep, eventLine('b', { description: 'after' }))
    const { stdout, code } = await runCli('tail', 'run', '--root', root, '--no-follow')
    expect(code).toBe(0)
    expect(stdout.split('\n')).toEqual([
      `00:00:00.000  turn 0  STATE  ${'['.repeat(79)}…`,
      '00:00:00.000  turn 0  STATE  after',
      '',
    ])
  })

  it('says of what it cannot read, and goes on with the rest', () => {
    const { root, path } = makeRun(eventLine('a'))
    writeFileSync(path('events_1.jsonl'), segmentText(eventLine('b')), { mode: 0 })
    const said = runUnprivileged(
      { program: new URL('../../dist/cli/program.js', import.meta.url).href },
      `const output = { out: process.stdout, err: process.stdout }
       const args = ['tail', 'run', '--root', argument, '--json', '--no-follow']
       console.log('exit code', await program.runCommandLine(args, output))`,
      root,
    )
    expect(said).toBe(
      `turnlog: ${path('events_1.jsonl')} cannot be read (EACCES)\n${eventLine('a')}\nexit code 1\n`,
    )
  })

  it('lets nothing that a line or a file says steer a terminal', async () => {
    const { root, path } = makeRun('\u001b[2J', '{"a":"\u009b"}')
    renameSync(path(), path('events\u001b[2J.jsonl'))
    const { stderr } = await runCli('tail', 'run', '--root', root, '--no-follow')
    expect(stderr.split('\n')).toHaveLength(3)
    // eslint-disable-next-line no-control-regex -- these are what is looked for
    expect(stderr).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/)
  })

  it('lets nothing that an event says steer a terminal', async () => {
    const { root } = makeRun(eventLine('a', { description: '\u001b[2J\u0007x', agent: '\u009b1m' }))
    const { stdout } = await runCli('tail', 'run', '--root', root, '--no-follow')
    expect(stdout).toBe('00:00:00.000  turn 0  STATE   1m   [2J x\n')
  })
})
