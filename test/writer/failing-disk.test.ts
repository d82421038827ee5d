import { mkdirSync, readFileSync, renameSync, rmSync, symlinkSync, truncateSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { TurnlogEvent } from '#src/event/event-schema.js'
import { EventWriter } from '#src/writer/event-writer.js'
import type { EventWriterOptions } from '#src/writer/writer-options.js'
import type { WriterStats } from '#src/writer/writer-stats.js'
import { leaveFilesAside } from '../support/account.js'
import { eventually } from '../support/eventually.js'
import { temporaryDirectory } from '../support/temporary-directory.js'
import { runUnprivileged } from '../support/unprivileged.js'
import { action, expectBalanced, losses, recorded } from '../support/writing.js'

/** A run whose active segment lies on a disk that is full. */
function onFullDisk(options: Partial<EventWriterOptions> = {}): {
  outputDir: string
  writer: EventWriter
  warnings: string[]
  repair: () => void
} {
  const outputDir = temporaryDirectory()
  mkdirSync(join(outputDir, 'run'))
  const active = join(outputDir, 'run', 'events.jsonl')
  symlinkSync('/dev/full', active)
  const warnings: string[] = []
  const warn = (_: object, text: string): void => void warnings.push(text)
  const logger = { warn, error: warn }
  const writer = new EventWriter({ outputDir, simulationId: 'run', logger, ...options }).start()
  const repair = (): void => {
    rmSync(active)
  }
  return { outputDir, writer, warnings, repair }
}

describe('a disk that is full', () => {
  it('holds up nobody, and loses nothing that the queue can keep', async () => {
    const { outputDir, writer, warnings, repair } = onFullDisk()
    for (let turn = 0; turn < 100; turn++) expect(writer.emit(action(turn))).toBe('accepted')
    await eventually(() => {
      expect(writer.stats().writeErrors).toBeGreaterThan(2)
      expect(warnings).not.toEqual([])
    })
    expect(writer.stats()).toMatchObject({ written: 0, queued: 100, dropped: 0 })
    expect(warnings, 'one warning stands for many').toEqual([
      expect.stringContaining('cannot write and tries again: ENOSPC'),
    ])
    repair()
    await writer.flush()
    const events = recorded(outputDir)
    expect(events.filter(({ event_type: type }) => type === 'ACTION')).toHaveLength(100)
    await eventually(() => {
      const [told] = losses(recorded(outputDir), 'write_failed')
      expect(told).toMatchObject({ status: 'retry', system_error: 'ENOSPC' })
      expect(told?.['retry_count']).toBeGreaterThan(2)
    })
    await writer.stop()
    expectBalanced(writer.stats(), recorded(outputDir))
  })

  it('makes a full queue drop, count and, once there is room, say so', async () => {
    const { outputDir, writer, repair } = onFullDisk({ maxQueueSize: 10, verbosity: 'MILESTONE' })
    expect(writer.emit(action(1))).toBe('filtered')
    await writer.stop({ timeoutMs: 0 })
    repair()
    const other = new EventWriter({ outputDir, simulationId: 'run', maxQueueSize: 10 })
    symlinkSync('/dev/full', join(outputDir, 'run', 'events.jsonl'))
    other.start()
    const results = Array.from({ length: 30 }, (_, turn) => other.emit(action(turn)))
    expect(results.filter((result) => result === 'accepted')).toHaveLength(10)
    repair()
    await other.stop()
    const events = recorded(outputDir)
    expect(losses(events, 'events_dropped')).toMatchObject([
      { status: 'warning', dropped_count: 20, first_turn: 10, last_turn: 29 },
    ])
    expect(other.stats().dropped).toBe(20)
    expectBalanced(other.stats(), events)
  })

  it('lets emit wait for room with overflow block', async () => {
    const { outputDir, writer, repair } = onFullDisk({ maxQueueSize: 4, overflow: 'block' })
    for (let turn = 0; turn < 4; turn++) writer.emit(action(turn))
    repair()
    for (let turn = 4; turn < 500; turn++) expect(writer.emit(action(turn))).toBe('accepted')
    await writer.stop()
    const events = recorded(outputDir)
    expect(events.filter(({ event_type: type }) => type === 'ACTION')).toHaveLength(500)
    expect(writer.stats().dropped).toBe(0)
    expectBalanced(writer.stats(), events)
  })

  it('is reported by stop, with what could not be written', async () => {
    const { writer, warnings } = onFullDisk()
    for (let turn = 0; turn < 7; turn++) writer.emit(action(turn))
    const report = await writer.stop({ timeoutMs: 50 })
    expect(report).toMatchObject({ complete: false, unwritten: 7 })
    expect(report.stats).toMatchObject({ written: 0, dropped: 7, queued: 0 })
    expectBalanced(report.stats)
    expect(warnings.at(-1)).toBe('turnlog could not write 7 events')
  })
})

describe('a directory that is taken away', () => {
  it('is made again, and recording goes on there', async () => {
    const outputDir = temporaryDirectory()
    const writer = new EventWriter({ outputDir, simulationId: 'run' }).start()
    writer.emit(action(1))
    await writer.flush()
    rmSync(join(outputDir, 'run'), { recursive: true })
    leaveFilesAside(writer)
    writer.emit(action(2))
    await writer.flush()
    expect(recorded(outputDir).map((event) => event.turn_number)).toEqual([2])
    await writer.stop()
    expectBalanced(writer.stats())
  })

  it('goes on behind what is left of a file that is cut short', async () => {
    const outputDir = temporaryDirectory()
    const active = join(outputDir, 'run', 'events.jsonl')
    const maxFileSize = 2_000
    const writer = new EventWriter({ outputDir, simulationId: 'run', maxFileSize }).start()
    for (let turn = 1; turn <= 5; turn++) writer.emit(action(turn))
    await writer.flush()
    truncateSync(active, 10)
    leaveFilesAside(writer)
    for (let turn = 6; turn <= 10; turn++) writer.emit(action(turn))
    await writer.stop()
    const [left, ...lines] = readFileSync(active, 'utf8').trimEnd().split('\n')
    expect(left).toHaveLength(10)
    expect(lines.map((line) => (JSON.parse(line) as TurnlogEvent).turn_number)).toEqual([
      6, 7, 8, 9, 10,
    ])
    expect(writer.stats()).toMatchObject({ written: 10, rotations: 0 })
    expectBalanced(writer.stats())
  })

  it('keeps what was written when the file is moved, and goes on in a new one', async () => {
    const outputDir = temporaryDirectory()
    const active = join(outputDir, 'run', 'events.jsonl')
    const writer = new EventWriter({ outputDir, simulationId: 'run' }).start()
    writer.emit(action(1))
    await writer.flush()
    renameSync(active, join(outputDir, 'run', 'events_moved.jsonl'))
    writer.emit(action(2))
    await writer.stop()
    expect(recorded(outputDir).map((event) => event.turn_number)).toEqual([1, 2])
    expectBalanced(writer.stats(), recorded(outputDir))
  })
})

describe('a directory that may not be written for a while', () => {
  it('holds up the rotation and nobody else, and loses nothing', () => {
    const outputDir = temporaryDirectory()
    const imports = {
      fs: 'node:fs',
      timers: 'node:timers/promises',
      turnlog: new URL('../../dist/src/index.js', import.meta.url).href,
    }
    const body = `
      const run = argument + '/run'
      const options = { outputDir: argument, simulationId: 'run', maxFileSize: 4_000 }
      const writer = new turnlog.EventWriter(options).start()
      const event = { simulationId: 'run', agentId: 'a', actionType: 't', actionPayload: {} }
      const emit = (turnNumber) =>
        writer.emit(turnlog.createActionEvent({ ...event, turnNumber }))
      emit(0)
      await writer.flush()
      fs.chmodSync(run, 0o555)
      for (let turn = 1; turn < 100; turn++) emit(turn)
      while (writer.stats().writeErrors < 3) await timers.setTimeout(5)
      fs.chmodSync(run, 0o755)
      await writer.flush()
      process.stdout.write(JSON.stringify((await writer.stop()).stats))
    `
    const stats = JSON.parse(runUnprivileged(imports, body, outputDir)) as WriterStats
    const events = recorded(outputDir)
    const turns = events.flatMap((event) =>
      event.event_type === 'ACTION' ? [event.turn_number] : [],
    )
    expect(turns).toEqual(Array.from({ length: 100 }, (_, turn) => turn))
    expect(losses(events, 'write_failed')).toMatchObject([{ system_error: 'EACCES' }])
    expectBalanced(stats, events)
  })
})
