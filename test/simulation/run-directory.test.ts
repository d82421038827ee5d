import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { createRunDirectory, runId } from '#src/simulation/run-directory.js'
import { ScriptProcess } from '../support/script-process.js'
import { temporaryDirectory } from '../support/temporary-directory.js'
import { turnlogError } from '../support/writing.js'

const AT = new Date('2026-02-28T23:59:59.999Z')
const SCRIPT = fileURLToPath(new URL('../support/make-runs.mjs', import.meta.url))
const config = { name: 'market', turns: 3 }

describe('the directory of a run', () => {
  it('is named for the simulation, the second in UTC, and the number of agents', () => {
    expect(runId('market', AT, 6)).toBe('market-20260228-235959-6agents')
  })

  it('is never one that is there: the next second is taken', () => {
    const root = join(temporaryDirectory(), 'new', 'root')
    const create = () => createRunDirectory(root, config, 6, AT).simulationId
    expect([create(), create(), create()]).toEqual([
      'market-20260228-235959-6agents',
      'market-20260301-000000-6agents',
      'market-20260301-000001-6agents',
    ])
    mkdirSync(join(root, 'market-20260301-000002-6agents'))
    writeFileSync(join(root, 'market-20260301-000003-6agents'), '')
    expect(create()).toBe('market-20260301-000004-6agents')
  })

  it('is its own for each of the processes that make one at once', async () => {
    const root = temporaryDirectory()
    const makers = Array.from({ length: 4 }, () => new ScriptProcess(SCRIPT, root))
    expect(await Promise.all(makers.map((maker) => maker.end()))).toEqual([0, 0, 0, 0])
    const made = makers.flatMap(({ printed }) => printed.trim().split('\n'))
    expect(made).toHaveLength(100)
    expect(made.sort()).toEqual(readdirSync(root).sort())
  })

  it('has the config in it', () => {
    const { path } = createRunDirectory(
      temporaryDirectory(),
      { ...config, seed: [7] } as never,
      6,
      AT,
    )
    expect(readdirSync(path)).toEqual(['config.json'])
    expect(JSON.parse(readFileSync(join(path, 'config.json'), 'utf8'))).toEqual({
      ...config,
      seed: [7],
    })
  })

  it('is not made for a name that no directory can have, or a config that JSON cannot hold', () => {
    const root = temporaryDirectory()
    const create = (own: { name: string }) => () => createRunDirectory(root, own, 6, AT)
    expect(create({ name: '../up' })).toThrow(turnlogError('SIMULATION_ID_INVALID', 'slash'))
    const big = { name: 'market', n: 1n }
    expect(create(big)).toThrow(turnlogError('SETTING_INVALID', 'config cannot be written as JSON'))
    expect(readdirSync(root)).toEqual([])
  })

  it('is not made where nothing can be made', () => {
    const root = join(temporaryDirectory(), 'file')
    writeFileSync(root, '')
    expect(() => createRunDirectory(root, config, 6, AT)).toThrow(
      turnlogError('WRITER_FAILED', 'make a directory for the run: EEXIST'),
    )
  })
})
