import { execFile } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import type { TurnlogEvent } from '#src/event/event-schema.js'
import { EVENT_TYPES } from '#src/event/event-type.js'
import { temporaryDirectory } from '../support/temporary-directory.js'
import { recorded } from '../support/writing.js'

const run = promisify(execFile)

function pathOf(example: string): string {
  return fileURLToPath(new URL(`../../dist/examples/${example}.js`, import.meta.url))
}

/** Runs an example as its own comment says. */
async function runExample(
  example: string,
  ...args: readonly string[]
): Promise<{ stdout: string; events: TurnlogEvent[]; directory: string }> {
  const outputRoot = temporaryDirectory()
  const { stdout, stderr } = await run(process.execPath, [pathOf(example), outputRoot, ...args])
  expect(stderr).toBe('')
  const [simulationId = ''] = readdirSync(outputRoot)
  const directory = join(outputRoot, simulationId)
  return { stdout, events: recorded(outputRoot, simulationId), directory }
}

describe('the examples', () => {
  it('market: several thousand events of all six types, with deals, refusals and retries', async () => {
    const { stdout, events, directory } = await runExample('market')
    expect(stdout).toBe(`${events.length} events in ${directory}\n`)
    expect(events.length).toBeGreaterThan(3_000)
    expect(new Set(events.map(({ event_type: type }) => type))).toEqual(new Set(EVENT_TYPES))
    const details = events.map((event): Record<string, unknown> => event.details)
    const has = (key: string, value: unknown) => details.some((all) => all[key] === value)
    expect(has('interaction_type', 'trade')).toBe(true)
    expect(has('error_type', 'action_refused')).toBe(true)
    expect(has('status', 'retry')).toBe(true)
    const config: unknown = JSON.parse(readFileSync(join(directory, 'config.json'), 'utf8'))
    expect(config).toMatchObject({ name: 'market', turns: 100 })
  })

  it('market: plays the same again for the same seed', async () => {
    const [one, two] = await Promise.all([runExample('market'), runExample('market')])
    const told = ({ events }: { events: TurnlogEvent[] }) =>
      events
        .filter(({ event_type: type }) => type !== 'SYSTEM')
        .map(({ turn_number: turn, details }) => ({ turn, details }))
    expect(told(one)).toEqual(told(two))
  })

  it('embed: a hundred turns, each with the action it caused', async () => {
    const { stdout, events } = await runExample('embed')
    expect(stdout).toMatch(/^200 events in embed-\d+\n$/)
    const [turn, action] = events
    expect(action?.caused_by).toEqual([turn?.event_id])
  })

  it('sync-loop: nothing is lost though it never yields', async () => {
    const { stdout, events } = await runExample('sync-loop', '30000')
    expect(stdout).toMatch(/^60000 of 60000 events in sync-loop-\d+, 0 dropped\n$/)
    expect(events).toHaveLength(60_000)
  })
})
