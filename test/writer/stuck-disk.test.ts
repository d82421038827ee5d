import { execFileSync } from 'node:child_process'
import { closeSync, constants, mkdirSync, openSync, readSync } from 'node:fs'
import { join } from 'node:path'
import { setImmediate, setTimeout } from 'node:timers/promises'
import { describe, expect, it, onTestFinished } from 'vitest'
import { systemErrorCode } from '#src/errors.js'
import type { TurnlogEvent } from '#src/event/event-schema.js'
import { EventWriter } from '#src/writer/event-writer.js'
import type { EventWriterOptions } from '#src/writer/writer-options.js'
import { eventually } from '../support/eventually.js'
import { temporaryDirectory } from '../support/temporary-directory.js'
import { action, expectBalanced, losses, turnlogError } from '../support/writing.js'

/** A disk that takes no more than is read of it: the active segment is a pipe. */
class Pipe {
  readonly outputDir = temporaryDirectory()
  readonly #fd: number
  #text = ''

  constructor() {
    mkdirSync(join(this.outputDir, 'run'))
    const path = join(this.outputDir, 'run', 'events.jsonl')
    execFileSync('mkfifo', [path])
    this.#fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
    onTestFinished(() => {
      closeSync(this.#fd)
    })
  }

  start(options: Partial<EventWriterOptions> = {}): EventWriter {
    return new EventWriter({ outputDir: this.outputDir, simulationId: 'run', ...options }).start()
  }

  /** Reads what there is, and so makes room. */
  read(): void {
    const buffer = Buffer.alloc(65_536)
    try {
      for (;;) {
        const length = readSync(this.#fd, buffer)
        if (length === 0) return
        this.#text += buffer.toString('latin1', 0, length)
      }
    } catch (error) {
      if (systemErrorCode(error) !== 'EAGAIN') throw error
    }
  }

  /** The complete lines read so far. */
  events(): TurnlogEvent[] {
    const lines = this.#text.split('\n').slice(0, -1)
    return lines.map((line) => JSON.parse(line) as TurnlogEvent)
  }
}

/** More than a pipe holds by itself. */
function emitTooMuch(writer: EventWriter): void {
  for (let turn = 0; turn < 1_000; turn++) writer.emit(action(turn, 'x'.repeat(200)))
}

describe('a disk that takes nothing for a while', () => {
  it('holds up no emit; what finds no room is dropped, counted and told of', async () => {
    const pipe = new Pipe()
    const writer = pipe.start({ maxQueueSize: 20 })
    emitTooMuch(writer)
    expect(writer.stats().dropped).toBeGreaterThan(0)
    expectBalanced(writer.stats())
    await eventually(() => {
      pipe.read()
      expect(losses(pipe.events(), 'events_dropped').length).toBeGreaterThan(0)
      expect(writer.stats().queued).toBe(0)
    })
    await writer.stop()
    pipe.read()
    const counts = losses(pipe.events(), 'events_dropped').map((told) => told['dropped_count'])
    const sum = counts.reduce<number>((total, count) => total + Number(count), 0)
    expect(sum).toBe(writer.stats().dropped)
    expectBalanced(writer.stats(), pipe.events())
  })

  it('holds up neither emit nor the event loop, and loses nothing that found room', async () => {
    const pipe = new Pipe()
    const writer = pipe.start()
    let rounds = 0
    for (let turn = 0; turn < 1_000; turn++) {
      expect(writer.emit(action(turn, 'x'.repeat(200)))).toBe('accepted')
      if (turn % 100 !== 0) continue
      await setImmediate()
      rounds++
    }
    const flushed = writer.flush().then(() => 'flushed')
    expect(await Promise.race([flushed, setTimeout(20, 'not yet')])).toBe('not yet')
    expect([rounds, writer.stats().dropped]).toEqual([10, 0])
    expect(writer.stats().queued).toBeGreaterThan(0)
    await eventually(() => {
      pipe.read()
      expect(writer.stats().queued).toBe(0)
    })
    expect(await flushed).toBe('flushed')
    pipe.read()
    expect(pipe.events()).toHaveLength(1_000)
    await writer.stop()
    expectBalanced(writer.stats(), pipe.events())
  })

  it('holds up stop no longer than its limit, and nobody records there meanwhile', async () => {
    const pipe = new Pipe()
    const writer = pipe.start()
    emitTooMuch(writer)
    const flushed = writer.flush()
    const expected = expect(flushed).rejects.toMatchObject({ code: 'WRITER_FAILED' })
    const report = await writer.stop({ timeoutMs: 50 })
    await expected
    await expect(writer.flush()).rejects.toMatchObject({ code: 'WRITER_FAILED' })
    expect(report.complete).toBe(false)
    expect(report.unwritten).toBe(report.stats.dropped)
    expectBalanced(report.stats)
    expect(() => pipe.start()).toThrow(turnlogError('WRITER_LOCKED', 'another writer'))
    const next = await eventually(() => {
      pipe.read()
      return pipe.start()
    })
    const { bytesWritten } = writer.stats()
    expect(writer.stats(), 'the report stays').toEqual({ ...report.stats, bytesWritten })
    await next.stop()
  })
})
