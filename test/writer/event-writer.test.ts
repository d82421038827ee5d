import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import {
  createActionEvent,
  createDecisionEvent,
  createDetailEvent,
  createMilestoneEvent,
  createStateEvent,
  createSystemEvent,
} from '#src/event/builders.js'
import type { TurnlogEvent } from '#src/event/event-schema.js'
import { EVENT_TYPES } from '#src/event/event-type.js'
import { CAPTURED_TYPES, VERBOSITY_LEVELS } from '#src/event/verbosity.js'
import { EventWriter } from '#src/writer/event-writer.js'
import type { EventWriterOptions } from '#src/writer/writer-options.js'
import { temporaryDirectory } from '../support/temporary-directory.js'
import { action, expectBalanced, losses, recorded, turnlogError } from '../support/writing.js'

const AT = { simulationId: 'run', turnNumber: 3 }

/** One event of each type. */
function oneOfEach(): TurnlogEvent[] {
  return [
    createMilestoneEvent({
      ...AT,
      milestoneType: 'turn_start',
      description: 'Zug 3 – „Anfang“ 🎲',
    }),
    createDecisionEvent({ ...AT, agentId: 'anna', decisionType: 'offer', newValue: { gold: 1.5 } }),
    createActionEvent({ ...AT, agentId: 'anna', actionType: 'trade', actionPayload: { n: null } }),
    createStateEvent({ ...AT, variableName: 'gold', oldValue: 1, newValue: '2', scope: 'global' }),
    createDetailEvent({ ...AT, calculationType: 'sum', intermediateValues: { 'a\nb': [1, 2] } }),
    createSystemEvent({ ...AT, status: 'retry', errorType: 'busy', retryCount: 2 }),
  ]
}

describe('EventWriter', () => {
  it('writes events of every type as they are, one a line, in the order they came', async () => {
    const outputDir = temporaryDirectory()
    const writer = new EventWriter({ outputDir, simulationId: 'run', verbosity: 'DETAIL' }).start()
    const events = oneOfEach()
    expect(events.map((event) => writer.emit(event))).toEqual(events.map(() => 'accepted'))
    const report = await writer.stop()
    expect(report).toMatchObject({ complete: true, unwritten: 0 })
    expect(recorded(outputDir)).toEqual(events)
    expectBalanced(report.stats, events)
    const file = readFileSync(join(outputDir, 'run', 'events.jsonl'))
    expect(report.stats.bytesWritten).toBe(file.length)
  })

  it('writes while a loop runs that never yields', async () => {
    const outputDir = temporaryDirectory()
    const options = { outputDir, simulationId: 'run', maxQueueSize: 500 }
    const writer = new EventWriter({ ...options, overflow: 'block' }).start()
    const total = 50_000
    for (let turn = 0; turn < total; turn++) writer.emit(action(turn))
    expect(writer.stats().written, 'written while the loop ran').toBeGreaterThanOrEqual(total - 500)
    await writer.stop()
    const events = recorded(outputDir)
    const turns = Array.from({ length: total }, (_, turn) => turn)
    expect(events.map((event) => event.turn_number)).toEqual(turns)
    expectBalanced(writer.stats(), events)
  })

  it.each(VERBOSITY_LEVELS)('records at %s what that level captures', async (verbosity) => {
    const outputDir = temporaryDirectory()
    const writer = new EventWriter({ outputDir, simulationId: 'run', verbosity }).start()
    const results = oneOfEach().map((event) => writer.emit(event))
    const captured = CAPTURED_TYPES[verbosity]
    const expected = EVENT_TYPES.map((type) => (captured.has(type) ? 'accepted' : 'filtered'))
    expect(results).toEqual(expected)
    await writer.stop()
    const events = recorded(outputDir)
    expect(events.map((event) => event.event_type)).toEqual(
      EVENT_TYPES.filter((type) => captured.has(type)),
    )
    expectBalanced(writer.stats(), events)
    expect(writer.stats().filtered).toBe(EVENT_TYPES.length - captured.size)
  })

  it('has flushed events on disk while it goes on', async () => {
    const outputDir = temporaryDirectory()
    const writer = new EventWriter({ outputDir, simulationId: 'run' }).start()
    for (let turn = 1; turn <= 20; turn++) {
      writer.emit(action(turn))
      await writer.flush()
      expect(recorded(outputDir)).toHaveLength(turn)
      expectBalanced(writer.stats(), recorded(outputDir))
    }
    await writer.stop()
  })

  it.each(['os', 'interval', 'every-batch'] as const)(
    'writes the same with durability %s',
    async (durability) => {
      const outputDir = temporaryDirectory()
      const writer = new EventWriter({ outputDir, simulationId: 'run', durability }).start()
      for (let turn = 0; turn < 100; turn++) writer.emit(action(turn))
      await writer.flush()
      writer.emit(action(100))
      await writer.stop()
      expect(recorded(outputDir)).toHaveLength(101)
      expectBalanced(writer.stats(), recorded(outputDir))
    },
  )

  it('takes nothing before its start, and drops and counts what comes after its end', async () => {
    const outputDir = temporaryDirectory()
    const warnings: string[] = []
    const logger = {
      warn: (_: object, text: string) => warnings.push(text),
      error: () => undefined,
    }
    const writer = new EventWriter({ outputDir, simulationId: 'run', logger })
    expect(() => writer.emit(action(1))).toThrow(turnlogError('WRITER_NOT_STARTED', 'not started'))
    await expect(writer.flush()).rejects.toMatchObject({ code: 'WRITER_NOT_STARTED' })
    writer.start()
    writer.emit(action(1))
    const first = writer.stop()
    expect(writer.emit(action(2))).toBe('dropped')
    expect(await writer.stop()).toBe(await first)
    expect(writer.emit(action(3))).toBe('dropped')
    expect(warnings).toEqual(['turnlog dropped an event: the writer was stopped'])
    const events = recorded(outputDir)
    expect(events.filter((event) => event.event_type === 'ACTION')).toHaveLength(1)
    expect(writer.stats().dropped).toBe(2)
    expectBalanced(writer.stats(), events)
  })

  it('stops without having been started', async () => {
    const writer = new EventWriter({ outputDir: temporaryDirectory(), simulationId: 'run' })
    expect(await writer.stop()).toMatchObject({ complete: true, unwritten: 0 })
  })

  it('says clearly why it cannot start', () => {
    const outputDir = temporaryDirectory()
    writeFileSync(join(outputDir, 'file'), '')
    const start = (options: Partial<EventWriterOptions>) => () =>
      new EventWriter({ outputDir, simulationId: 'run', ...options }).start()
    expect(start({ outputDir: join(outputDir, 'file') })).toThrow(
      turnlogError('WRITER_FAILED', 'ENOTDIR'),
    )
    expect(start({ simulationId: '../up' })).toThrow(
      turnlogError('SIMULATION_ID_INVALID', '"../up" holds a slash'),
    )
  })

  it.each([
    [{ maxQueueSize: 0 }, 'maxQueueSize is 0, not a whole number from 1 to'],
    [{ maxQueueSize: 1.5 }, 'maxQueueSize is 1.5'],
    [{ maxQueueBytes: 10 }, 'maxQueueBytes is 10, not a whole number from 1024 to'],
    [{ maxFileSize: NaN }, 'maxFileSize is NaN'],
    [{ outputDir: '' }, 'outputDir is "", not a non-empty string'],
    [{ outputDir: undefined as never }, 'outputDir is undefined, not a non-empty string'],
    [{ simulationId: undefined as never }, 'simulationId is undefined, not a string'],
    [{ verbosity: 'LOUD' as never }, 'verbosity is "LOUD", not one of MILESTONE, DECISION'],
    [{ overflow: ['drop'] as never }, "overflow is [ 'drop' ], not one of drop, block"],
    [{ durability: null as never }, 'durability is null, not one of os, interval, every-batch'],
    [{ onInvalid: 'ignore' as never }, 'onInvalid is "ignore", not one of throw, drop'],
    [{ logger: {} as never }, 'logger is {}, not an object with warn() and error()'],
  ])('refuses %o', (options, message) => {
    expect(() => new EventWriter({ outputDir: 'x', simulationId: 'run', ...options })).toThrow(
      turnlogError('SETTING_INVALID', message),
    )
  })

  it('takes an option that is undefined for one that is not given', async () => {
    const none = { verbosity: undefined, maxQueueSize: undefined, logger: undefined } as object
    const options = { outputDir: temporaryDirectory(), simulationId: 'run', ...none }
    const writer = new EventWriter(options).start()
    expect(writer.emit(action(1))).toBe('accepted')
    expect(await writer.stop()).toMatchObject({ complete: true, stats: { written: 1 } })
  })

  it('holds nothing when it could not start, and starts when it can', async () => {
    const outputDir = temporaryDirectory()
    mkdirSync(join(outputDir, 'run', 'events.jsonl'), { recursive: true })
    const writer = new EventWriter({ outputDir, simulationId: 'run' })
    for (let attempt = 0; attempt < 2; attempt++) {
      expect(() => writer.start()).toThrow(turnlogError('WRITER_FAILED', 'EISDIR'))
      expect(() => writer.emit(action(1))).toThrow(turnlogError('WRITER_NOT_STARTED', ''))
    }
    rmSync(join(outputDir, 'run', 'events.jsonl'), { recursive: true })
    expect(writer.start().start().emit(action(1))).toBe('accepted')
    await writer.stop()
    expect(recorded(outputDir)).toHaveLength(1)
  })

  it('does not start again once it was stopped', async () => {
    const writer = new EventWriter({ outputDir: temporaryDirectory(), simulationId: 'run' }).start()
    writer.emit(action(1))
    await writer.stop()
    await expect(writer.flush(), 'everything is written').resolves.toBeUndefined()
    expect(() => writer.start()).toThrow(turnlogError('WRITER_FAILED', 'was stopped'))
  })

  it('records where it began when the simulation changes its working directory', async () => {
    const [root, elsewhere, before] = [temporaryDirectory(), temporaryDirectory(), process.cwd()]
    process.chdir(root)
    try {
      const writer = new EventWriter({ outputDir: 'output', simulationId: 'run' }).start()
      process.chdir(elsewhere)
      writer.emit(action(1))
      await writer.stop()
    } finally {
      process.chdir(before)
    }
    expect(recorded(join(root, 'output'))).toHaveLength(1)
    expect(readdirSync(elsewhere)).toEqual([])
  })

  it.each([0, 1, 30_000, Infinity])(
    'stopping with a limit of %d ms tells to the event what is in the file',
    async (timeoutMs) => {
      const outputDir = temporaryDirectory()
      const options = { outputDir, simulationId: 'run', maxQueueSize: 100_000 }
      const writer = new EventWriter(options).start()
      for (let turn = 0; turn < 20_000; turn++) writer.emit(action(turn))
      const { complete, unwritten, stats } = await writer.stop({ timeoutMs })
      const events = recorded(outputDir)
      expect(events).toHaveLength(20_000 - unwritten)
      expect(complete).toBe(unwritten === 0)
      if (timeoutMs > 1) expect(complete).toBe(true)
      expectBalanced(stats, events)
    },
  )

  it('records what it lost even when nothing more is emitted', async () => {
    const outputDir = temporaryDirectory()
    const writer = new EventWriter({ outputDir, simulationId: 'run', maxQueueSize: 50 }).start()
    const note = 'x'.repeat(2_000)
    const results = Array.from({ length: 5_000 }, (_, turn) => writer.emit(action(turn, note)))
    const dropped = results.filter((result) => result === 'dropped').length
    expect(dropped).toBeGreaterThan(0)
    await writer.flush()
    const told = losses(recorded(outputDir), 'events_dropped')
    const counted = told.reduce((sum, { dropped_count: count }) => sum + Number(count), 0)
    expect(counted).toBe(dropped)
    expect(writer.stats().dropped).toBe(dropped)
    expectBalanced(writer.stats(), recorded(outputDir))
    await writer.stop()
    expectBalanced(writer.stats(), recorded(outputDir))
  })
})
