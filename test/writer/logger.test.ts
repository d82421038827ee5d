import { Writable } from 'node:stream'
import pino from 'pino'
import { describe, expect, it } from 'vitest'
import { EventWriter } from '#src/writer/event-writer.js'
import { temporaryDirectory } from '../support/temporary-directory.js'
import { action, segmentsOf } from '../support/writing.js'

/** A pino logger, and what it logged. */
function pinoLogger() {
  const logged: Record<string, unknown>[] = []
  const destination = new Writable({
    write(line: Buffer, _encoding, done) {
      logged.push(JSON.parse(line.toString()) as Record<string, unknown>)
      done()
    },
  })
  return { logger: pino({ level: 'debug', base: null, timestamp: false }, destination), logged }
}

describe('a pino logger', () => {
  it('is told of the course of a recording', async () => {
    const outputDir = temporaryDirectory()
    const { logger, logged } = pinoLogger()
    const options = { outputDir, simulationId: 'run', logger, maxFileSize: 1_000 }
    const writer = new EventWriter(options).start()
    for (let turn = 0; turn < 6; turn++) writer.emit(action(turn, 'x'.repeat(100)))
    const { stats } = await writer.stop()
    const sealed = segmentsOf(outputDir).slice(0, -1)
    expect(sealed.length).toBeGreaterThan(0)
    expect(logged[0]).toMatchObject({
      level: pino.levels.values['info'],
      msg: 'turnlog records',
      simulationId: 'run',
      verbosity: 'ACTION',
    })
    const sealings = logged.filter(({ msg }) => msg === 'turnlog sealed a segment')
    expect(sealings.map(({ segment }) => segment)).toEqual(sealed)
    expect(logged.at(-1)).toMatchObject({ msg: 'turnlog stopped', ...stats })
  })

  it('is warned of what is dropped, now and then', async () => {
    const { logger, logged } = pinoLogger()
    const options = { outputDir: temporaryDirectory(), simulationId: 'run', logger }
    const writer = new EventWriter({ ...options, onInvalid: 'drop' }).start()
    for (let turn = 0; turn < 5; turn++) writer.emit({ ...action(turn), turn_number: -1 })
    const warnings = logged.filter(({ level }) => level === pino.levels.values['warn'])
    expect(warnings).toMatchObject([{ simulationId: 'run', dropped: 1 }])
    expect(warnings[0]?.['msg']).toMatch(/^turnlog dropped an event: .*turn_number/)
    await writer.stop()
  })

  it('of a higher level hears the errors alone', async () => {
    const { logger, logged } = pinoLogger()
    logger.level = 'error'
    const options = { outputDir: temporaryDirectory(), simulationId: 'run', logger }
    const writer = new EventWriter(options).start()
    writer.emit(action(1))
    await writer.stop()
    expect(logged).toEqual([])
  })
})

describe('a logger', () => {
  it('needs no more than warn and error', async () => {
    const logger = { warn: () => undefined, error: () => undefined }
    const options = { outputDir: temporaryDirectory(), simulationId: 'run', logger }
    const writer = new EventWriter(options).start()
    writer.emit(action(1))
    expect(await writer.stop()).toMatchObject({ complete: true })
  })
})
