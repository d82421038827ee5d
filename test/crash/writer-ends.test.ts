import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Worker } from 'node:worker_threads'
import { describe, expect, it } from 'vitest'
import { EventWriter } from '#src/writer/event-writer.js'
import { ScriptProcess } from '../support/script-process.js'
import { temporaryDirectory } from '../support/temporary-directory.js'
import { action, expectBalanced, losses, recorded, turnlogError } from '../support/writing.js'

const SCRIPT = fileURLToPath(new URL('../support/emit.mjs', import.meta.url))

/** A process that emits and ends in some way. */
function emitAndEnd(ending: string, outputDir: string): ScriptProcess {
  return new ScriptProcess(SCRIPT, ending, outputDir)
}

/** @returns nothing for a line that was torn by a kill, and ended by the next writer */
function turnOf(line: string): number | undefined {
  try {
    return (JSON.parse(line) as { turn_number: number }).turn_number
  } catch {
    return undefined
  }
}

describe('the end of a process', () => {
  it.each([
    ['exit', 3],
    ['uncaught', 1],
    ['rejection', 1],
    ['end', 0],
    ['stopped', 0],
    ['stopping', 3],
  ])('by %s loses no accepted event', async (ending, code) => {
    const outputDir = temporaryDirectory()
    const emitting = emitAndEnd(ending, outputDir)
    expect(await emitting.end()).toBe(code)
    expect(emitting.last('accepted')).toBe(5_000)
    const events = recorded(outputDir)
    expect(events).toHaveLength(5_000)
    expectBalanced(emitting.account(), events)
  })

  it.each(['SIGTERM', 'SIGINT', 'SIGHUP'] as const)(
    'by %s loses none, and is by that signal',
    async (signal) => {
      const outputDir = temporaryDirectory()
      const emitting = emitAndEnd('signal', outputDir)
      await emitting.untilPrinted(/accepted/)
      emitting.child.kill(signal)
      expect(await emitting.end()).toBe(signal)
      expect(recorded(outputDir)).toHaveLength(5_000)
      expect(emitting.account()).toMatchObject({ emitted: 5_000, filtered: 0, dropped: 0 })
    },
  )

  it.each(['polite', 'polite before'])(
    'by SIGTERM beside signal-exit, which leaves it to others as we do (%s)',
    async (ending) => {
      const outputDir = temporaryDirectory()
      const emitting = emitAndEnd(ending, outputDir)
      await emitting.untilPrinted(/accepted/)
      emitting.child.kill('SIGTERM')
      expect(await emitting.end()).toBe('SIGTERM')
      expect(recorded(outputDir)).toHaveLength(5_000)
      expect(emitting.account()).toMatchObject({ emitted: 5_000, filtered: 0, dropped: 0 })
    },
  )

  it.each(['hosted', 'once'])(
    "leaves a signal to the host's own handler, added behind us or (%s) before us",
    async (ending) => {
      const outputDir = temporaryDirectory()
      const emitting = emitAndEnd(ending, outputDir)
      await emitting.untilPrinted(/accepted/)
      emitting.child.kill('SIGTERM')
      expect(await emitting.end()).toBe(7)
      const events = recorded(outputDir)
      expect(events).toHaveLength(5_001)
      expectBalanced(emitting.account(), events)
    },
  )

  it('by SIGTERM with two copies of the library in it: neither waits for the other', async () => {
    const outputDir = temporaryDirectory()
    const emitting = emitAndEnd('copies', outputDir)
    await emitting.untilPrinted(/accepted/)
    emitting.child.kill('SIGTERM')
    expect(await emitting.end()).toBe('SIGTERM')
    expect(emitting.printed).toContain('copy flushed')
    expect(recorded(outputDir)).toHaveLength(5_000)
  })

  it('takes along what a later listener of the exit emits', async () => {
    const outputDir = temporaryDirectory()
    const emitting = emitAndEnd('late', outputDir)
    expect(await emitting.end()).toBe(3)
    const events = recorded(outputDir)
    expect(events).toHaveLength(5_001)
    expectBalanced(emitting.account(), events)
  })

  it('tells of what was dropped before', async () => {
    const outputDir = temporaryDirectory()
    const emitting = emitAndEnd('losses', outputDir)
    expect(await emitting.end()).toBe(3)
    const events = recorded(outputDir)
    const told = losses(events, 'events_dropped')
    const dropped = told.reduce((sum, { dropped_count: count }) => sum + Number(count), 0)
    expect(dropped).toBeGreaterThan(0)
    expect(emitting.last('accepted')).toBe(5_000 - dropped)
    expect(events).toHaveLength(5_000 - dropped + told.length)
    expect(emitting.account().dropped).toBe(dropped)
    expectBalanced(emitting.account(), events)
  })

  it('by SIGKILL keeps what was flushed, and the next writer goes on', async () => {
    const outputDir = temporaryDirectory()
    for (let round = 1; round <= 4; round++) {
      const emitting = emitAndEnd('flush', outputDir)
      await emitting.untilPrinted(new RegExp(`(flushed \\d+\\n){${round}}`))
      emitting.child.kill('SIGKILL')
      expect(await emitting.end()).toBe('SIGKILL')
      const lines = readFileSync(join(outputDir, 'run', 'events.jsonl'), 'utf8').split('\n')
      const turns = lines.slice(0, -1).map(turnOf)
      const torn = turns.filter((turn) => turn === undefined)
      expect(torn.length, 'a kill tears one line at most').toBeLessThan(round)
      const own = turns.slice(turns.lastIndexOf(1))
      expect(own.length).toBeGreaterThanOrEqual(emitting.last('flushed'))
      expect(own).toEqual(own.map((_, index) => index + 1))
    }
  })
})

describe('a second writer of a run', () => {
  it('is refused in the same process, another thread and another process', async () => {
    const outputDir = temporaryDirectory()
    const options = { outputDir, simulationId: 'run' }
    const writer = new EventWriter(options).start()
    expect(() => new EventWriter(options).start()).toThrow(turnlogError('WRITER_LOCKED', outputDir))
    expect(() =>
      new EventWriter({ ...options, simulationId: 'other' }).start().stop(),
    ).not.toThrow()

    const thread = new Worker(SCRIPT, { argv: ['end', outputDir] })
    const [error] = (await once(thread, 'error')) as [{ code: string }]
    expect(error.code).toBe('WRITER_LOCKED')
    expect(await emitAndEnd('end', outputDir).end()).toBe(1)

    expect(writer.emit(action(1))).toBe('accepted')
    await writer.stop()
    expect(recorded(outputDir)).toHaveLength(1)
    await new EventWriter(options).start().stop()
  })

  it('is let in as soon as the first was killed', async () => {
    const outputDir = temporaryDirectory()
    const emitting = emitAndEnd('signal', outputDir)
    await emitting.untilPrinted(/accepted/)
    expect(() => new EventWriter({ outputDir, simulationId: 'run' }).start()).toThrow(
      turnlogError('WRITER_LOCKED', 'another writer'),
    )
    emitting.child.kill('SIGKILL')
    await emitting.end()
    await new EventWriter({ outputDir, simulationId: 'run' }).start().stop()
  })
})

describe('many writers in a process', () => {
  it('are no leak of listeners', async () => {
    const warnings: Error[] = []
    const note = (warning: Error): void => void warnings.push(warning)
    process.on('warning', note)
    const outputDir = temporaryDirectory()
    const before = process.listenerCount('SIGTERM')
    const writers = Array.from({ length: 20 }, (_, index) =>
      new EventWriter({ outputDir, simulationId: `run-${index}` }).start(),
    )
    expect(process.listenerCount('SIGTERM')).toBe(before + 1)
    await Promise.all(writers.map((writer) => writer.stop()))
    expect(process.listenerCount('SIGTERM')).toBe(before)
    process.off('warning', note)
    expect(warnings).toEqual([])
  })
})
