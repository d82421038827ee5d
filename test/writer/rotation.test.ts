import { linkSync, mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { listSegments } from '#src/segment/discovery.js'
import { EventWriter } from '#src/writer/event-writer.js'
import { shouldRotate } from '#src/writer/rotation-policy.js'
import { SegmentWriter } from '#src/writer/segment-writer.js'
import { temporaryDirectory } from '../support/temporary-directory.js'
import { action, expectBalanced, recorded, segmentsOf } from '../support/writing.js'

const NOW = new Date('2026-11-23T14:02:51.987Z')

describe('rotation', () => {
  it.each([
    [0, 500, 100, false],
    [99, 1, 100, false],
    [100, 1, 100, true],
    [50, 51, 100, true],
    [50, 50, 100, false],
  ])('of %i bytes before %i more, at %i: %s', (size, lineBytes, maxFileSize, expected) => {
    expect(shouldRotate(size, lineBytes, maxFileSize)).toBe(expected)
  })

  it('keeps every file within its size, every event once and in order', async () => {
    const outputDir = temporaryDirectory()
    const maxFileSize = 5_000
    const writer = new EventWriter({ outputDir, simulationId: 'run', maxFileSize }).start()
    const turns = Array.from({ length: 500 }, (_, turn) => turn)
    for (const turn of turns) writer.emit(action(turn, turn === 250 ? 'x'.repeat(9_000) : ''))
    await writer.stop()
    const segments = segmentsOf(outputDir)
    const events = recorded(outputDir)
    expect(events.map((event) => event.turn_number)).toEqual(turns)
    for (const name of segments) {
      expect(name).toMatch(/^events(_\d{4}-\d\d-\d\d_\d\d-\d\d-\d\d(_\d{4})?)?\.jsonl$/)
      const path = join(outputDir, 'run', name)
      const lines = readFileSync(path, 'utf8').trimEnd().split('\n').length
      expect(statSync(path).size <= maxFileSize || lines === 1, name).toBe(true)
    }
    expect(segments.length).toBeGreaterThan(20)
    expect(writer.stats().rotations).toBe(segments.length - 1)
    expectBalanced(writer.stats(), events)
  })

  it('never overwrites: a name that is taken gets a suffix', () => {
    const directory = temporaryDirectory()
    const segment = new SegmentWriter(directory, { now: () => NOW })
    for (const text of ['first\n', 'second\n', 'third\n']) {
      segment.write(Buffer.from(text))
      segment.rotate()
    }
    segment.close()
    const content = (name: string): string => readFileSync(join(directory, name), 'utf8')
    expect(content('events_2026-11-23_14-02-51.jsonl')).toBe('first\n')
    expect(content('events_2026-11-23_14-02-51_0001.jsonl')).toBe('second\n')
    expect(content('events_2026-11-23_14-02-51_0002.jsonl')).toBe('third\n')
    expect(content('events.jsonl')).toBe('')
  })

  it('never overwrites where there are no hard links either', () => {
    const directory = temporaryDirectory()
    const link = (): never => {
      throw Object.assign(new Error('no links here'), { code: 'EPERM', syscall: 'link' })
    }
    symlinkSync('nowhere', join(directory, 'events_2026-11-23_14-02-51.jsonl'))
    const segment = new SegmentWriter(directory, { now: () => NOW, link })
    for (const text of ['first\n', 'second\n']) {
      segment.write(Buffer.from(text))
      segment.rotate()
    }
    segment.close()
    const content = (name: string): string => readFileSync(join(directory, name), 'utf8')
    expect(content('events_2026-11-23_14-02-51_0001.jsonl')).toBe('first\n')
    expect(content('events_2026-11-23_14-02-51_0002.jsonl')).toBe('second\n')
    expect(content('events.jsonl')).toBe('')
  })

  it('finishes a sealing that was cut off when the segment had both names', async () => {
    const outputDir = temporaryDirectory()
    mkdirSync(join(outputDir, 'run'))
    const active = join(outputDir, 'run', 'events.jsonl')
    const sealed = join(outputDir, 'run', 'events_2026-11-23_14-02-51.jsonl')
    const earlier = action(1)
    writeFileSync(active, `${JSON.stringify(earlier)}\n`)
    linkSync(active, sealed)
    expect(listSegments(outputDir, 'run').map(({ name }) => name)).toEqual([basename(sealed)])
    const writer = new EventWriter({ outputDir, simulationId: 'run' }).start()
    writer.emit(action(2))
    await writer.stop()
    expect(readFileSync(sealed, 'utf8')).toBe(`${JSON.stringify(earlier)}\n`)
    expect(recorded(outputDir).map((event) => event.turn_number)).toEqual([1, 2])
  })

  it('leaves a link that somebody keeps outside as it is', async () => {
    const outputDir = temporaryDirectory()
    const active = join(outputDir, 'run', 'events.jsonl')
    await new EventWriter({ outputDir, simulationId: 'run' }).start().stop()
    linkSync(active, join(outputDir, 'kept'))
    const writer = new EventWriter({ outputDir, simulationId: 'run' }).start()
    writer.emit(action(1))
    await writer.stop()
    expect(readFileSync(join(outputDir, 'kept'))).toEqual(readFileSync(active))
    expectBalanced(writer.stats(), recorded(outputDir))
  })

  it('counts on from the size of a file that was there', async () => {
    const outputDir = temporaryDirectory()
    for (let round = 0; round < 12; round++) {
      const options = { outputDir, simulationId: 'run', maxFileSize: 2_000 }
      const writer = new EventWriter(options).start()
      writer.emit(action(round))
      writer.emit(action(round))
      await writer.stop()
    }
    expect(recorded(outputDir)).toHaveLength(24)
    for (const name of segmentsOf(outputDir)) {
      expect(statSync(join(outputDir, 'run', name)).size).toBeLessThanOrEqual(2_000)
    }
    expect(segmentsOf(outputDir).length).toBeGreaterThan(2)
  })

  it('ends a torn tail with a newline and leaves the rest as it is', async () => {
    const outputDir = temporaryDirectory()
    mkdirSync(join(outputDir, 'run'))
    const path = join(outputDir, 'run', 'events.jsonl')
    writeFileSync(path, '{"whole":1}\n{"torn":')
    const writer = new EventWriter({ outputDir, simulationId: 'run' }).start()
    const event = action(1)
    writer.emit(event)
    await writer.stop()
    const expected = `{"whole":1}\n{"torn":\n${JSON.stringify(event)}\n`
    expect(readFileSync(path, 'utf8')).toBe(expected)
    await new EventWriter({ outputDir, simulationId: 'run' }).start().stop()
    expect(readFileSync(path, 'utf8'), 'no newline too many').toBe(expected)
  })
})
