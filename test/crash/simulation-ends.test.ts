import { readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import type { TurnlogEvent } from '#src/event/event-schema.js'
import { ScriptProcess } from '../support/script-process.js'
import { wordOf } from '../support/small-world.js'
import { temporaryDirectory } from '../support/temporary-directory.js'
import { expectBalanced, recorded } from '../support/writing.js'

const SCRIPT = fileURLToPath(new URL('../support/simulate.mjs', import.meta.url))
const CALCULATIONS = 5

function eventsOf(outputRoot: string): TurnlogEvent[] {
  const [simulationId = ''] = readdirSync(outputRoot)
  return recorded(outputRoot, simulationId)
}

/** Every turn that is begun in the log is whole, but perhaps for the last. */
function expectWhole(events: readonly TurnlogEvent[], turns: number): void {
  const calculations = events.filter((event) => wordOf(event) === 'step')
  expect(calculations.length).toBeGreaterThanOrEqual(turns * CALCULATIONS)
  const ends = events.filter((event) => wordOf(event) === 'turn_end')
  expect(ends.map((event) => event.turn_number)).toEqual(ends.map((_, index) => index + 1))
}

describe('a simulation whose turns are one synchronous loop', () => {
  it('records all of it', async () => {
    const outputRoot = temporaryDirectory()
    const simulating = new ScriptProcess(SCRIPT, 'none', outputRoot)
    expect(await simulating.end()).toBe(0)
    const events = eventsOf(outputRoot)
    expectWhole(events, 2_000)
    expect(events.at(-1)?.details).toMatchObject({ outcome: 'completed', turns: 2_000 })
    expectBalanced(simulating.account(), events)
  })

  it.each(['SIGTERM', 'SIGINT', 'SIGHUP'] as const)(
    'is ended by %s with everything recorded, its end included',
    async (signal) => {
      const outputRoot = temporaryDirectory()
      const simulating = new ScriptProcess(SCRIPT, 'signal', outputRoot)
      await simulating.untilPrinted(/turn 100\n/)
      simulating.child.kill(signal)
      expect(await simulating.end()).toBe(signal)
      const events = eventsOf(outputRoot)
      expectWhole(events, simulating.last('turn'))
      expect(events.at(-1)?.details).toMatchObject({
        milestone_type: 'simulation_end',
        outcome: 'interrupted',
      })
    },
  )

  it.each([
    ['exit', 3, 'interrupted'],
    ['uncaught', 1, 'interrupted'],
    ['throws', 1, 'failed'],
  ])('is ended by %s with everything recorded', async (ending, code, outcome) => {
    const outputRoot = temporaryDirectory()
    const simulating = new ScriptProcess(SCRIPT, ending, outputRoot)
    expect(await simulating.end()).toBe(code)
    const events = eventsOf(outputRoot)
    expectWhole(events, simulating.last('turn') - 1)
    expect(events.filter((event) => wordOf(event) === 'step')).toHaveLength(
      simulating.last('turn') * CALCULATIONS,
    )
    const ends = events.filter((event) => wordOf(event) === 'simulation_end')
    expect(ends.map(({ details }) => details)).toMatchObject([{ outcome }])
    expect(events.at(-1)).toBe(ends[0])
    expectBalanced(simulating.account(), events)
  })
})
