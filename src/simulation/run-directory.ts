import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { systemErrorCode, TurnlogError } from '../errors.js'
import { assertSimulationId } from '../event/simulation-id.js'

const MS_PER_SECOND = 1_000

/** A directory that belongs to one run alone. */
export interface RunDirectory {
  readonly simulationId: string
  readonly path: string
}

/**
 * The id of a run: `{name}-{YYYYMMDD-HHMMSS}-{n}agents`, in UTC.
 *
 * @param at to the second
 */
export function runId(name: string, at: Date, agents: number): string {
  const [date = '', time = ''] = at.toISOString().slice(0, 19).split('T')
  return `${name}-${date.replaceAll('-', '')}-${time.replaceAll(':', '')}-${agents}agents`
}

/**
 * Makes a directory for a new run below the output root; where the second is
 * taken by another run, the next one is used. What the run is configured with
 * is saved in it as `config.json`.
 *
 * @throws TurnlogError SIMULATION_ID_INVALID for a name no directory can have,
 *   SETTING_INVALID for a config JSON cannot hold, WRITER_FAILED where the directory cannot be made
 */
export function createRunDirectory(
  outputRoot: string,
  config: { readonly name: string },
  agents: number,
  at: Date,
): RunDirectory {
  const configText = spellConfig(config)
  try {
    mkdirSync(outputRoot, { recursive: true })
    const { simulationId, path } = makeFreeDirectory(outputRoot, config.name, agents, at)
    writeFileSync(join(path, 'config.json'), configText, { flag: 'wx' })
    return { simulationId, path }
  } catch (cause) {
    if (cause instanceof TurnlogError) throw cause
    throw new TurnlogError('WRITER_FAILED', {
      message: `make a directory for the run: ${cause instanceof Error ? cause.message : String(cause)}`,
      hint: 'check that outputRoot can be written and the disk has room',
      cause,
    })
  }
}

function makeFreeDirectory(
  outputRoot: string,
  name: string,
  agents: number,
  at: Date,
): RunDirectory {
  for (let time = at.getTime(); ; time += MS_PER_SECOND) {
    const simulationId = runId(name, new Date(time), agents)
    assertSimulationId(simulationId)
    const path = join(outputRoot, simulationId)
    try {
      mkdirSync(path)
      return { simulationId, path }
    } catch (error) {
      if (systemErrorCode(error) !== 'EEXIST') throw error
    }
  }
}

function spellConfig(config: object): string {
  try {
    const text: unknown = JSON.stringify(config, undefined, 2)
    if (typeof text === 'string') return `${text}\n`
  } catch (cause) {
    throw unwritableConfig(cause instanceof Error ? cause.message : String(cause), cause)
  }
  throw unwritableConfig('its toJSON() gives nothing')
}

function unwritableConfig(why: string, cause?: unknown): TurnlogError {
  return new TurnlogError('SETTING_INVALID', {
    message: `save config.json: the config cannot be written as JSON: ${why}`,
    hint: 'keep what is not plain data out of the config',
    cause,
  })
}
