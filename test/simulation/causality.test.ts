import { setTimeout } from 'node:timers/promises'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createDetailEvent } from '#src/event/builders.js'
import type { TurnlogEvent } from '#src/event/event-schema.js'
import { VERBOSITY_LEVELS } from '#src/event/verbosity.js'
import { agent, engine, links, play, wordOf } from '../support/small-world.js'

/** Everything an event comes from. */
function ancestors(events: readonly TurnlogEvent[], of: TurnlogEvent): Set<string> {
  const byId = new Map(events.map((event) => [event.event_id, event]))
  const found = new Set<string>()
  const waiting = [...(of.caused_by ?? [])]
  for (let id = waiting.pop(); id !== undefined; id = waiting.pop()) {
    if (found.has(id)) continue
    found.add(id)
    waiting.push(...(byId.get(id)?.caused_by ?? []))
  }
  return found
}

const busy = Object.assign(new Error('busy'), { code: 'busy' })

/** A world in which agents call, calculate, decide and act as a plan says, and the engine answers. */
function busyWorld(plan: readonly boolean[], turns: number) {
  const step = plan.values()
  const next = (): boolean => step.next().value ?? false
  const ids = ['anna', 'ben']
  return {
    config: { name: 'world', turns },
    agents: ids.map((id) =>
      agent(id, async ({ recordCall, calculate }) => {
        if (next()) calculate('mood', {})
        const retries = next() ? 1 : 0
        const answer = (attempt: number): number => {
          if (attempt <= retries) throw busy
          return attempt
        }
        if (next()) await recordCall('model', answer, { retries })
        return {
          decisions: next() ? [{ type: 'plan', value: 1 }] : [],
          actions: next()
            ? [
                { type: 'work', payload: {} },
                { type: 'steal', payload: {} },
              ]
            : [],
        }
      }),
    ),
    validator: {
      validate: ({ type }: { type: string }) =>
        type === 'steal' ? ({ valid: false, reason: 'no' } as const) : ({ valid: true } as const),
    },
    engine: engine((world, turn) => {
      if (next()) turn.phase('trading')
      for (const deed of turn.actions) {
        if (!next()) continue
        turn.apply(deed, (state) => {
          state.global.harvests++
          if (next()) turn.calculate('harvest', {})
          return state
        })
      }
      if (next()) turn.interact({ type: 'deal', participants: ['ben', 'anna'], payload: {} })
      const { anna } = world.agents
      if (anna !== undefined && next()) anna.gold++
      return world
    }),
  }
}

describe('what a run records', () => {
  it.each(VERBOSITY_LEVELS)(
    'hangs together at verbosity %s: no cause is missing, and a turn ends with all it led to',
    async (eventVerbosity) => {
      await fc.assert(
        fc.asyncProperty(
          fc.array(fc.boolean(), { minLength: 20, maxLength: 80 }),
          fc.integer({ min: 1, max: 4 }),
          async (plan, turns) => {
            const { events } = await play({ ...busyWorld(plan, turns), eventVerbosity })
            const seen = new Set<string>()
            for (const event of events) {
              const isFirst = wordOf(event) === 'simulation_start'
              expect((event.caused_by ?? []).length === 0, wordOf(event)).toBe(isFirst)
              for (const cause of event.caused_by ?? []) expect(seen).toContain(cause)
              seen.add(event.event_id)
            }
            for (const end of events.filter((event) => wordOf(event) === 'turn_end')) {
              const behind = ancestors(events, end)
              const turn = events.filter((event) => event.turn_number === end.turn_number)
              const before = turn.slice(0, turn.indexOf(end)).map((event) => event.event_id)
              expect([...behind]).toEqual(expect.arrayContaining(before))
            }
          },
        ),
        { numRuns: 15 },
      )
    },
  )

  it('leads from the start of the turn to its end', async () => {
    const { events } = await play(busyWorld(Array<boolean>(40).fill(true), 1))
    const told = links(events)
    for (const link of [
      'turn_start < simulation_start',
      'mood < turn_start',
      'busy < turn_start',
      'success < busy',
      'plan < mood, success',
      'work < plan',
      'action_refused < plan',
      'phase_transition < work, action_refused, work, action_refused',
      'phase_transition < phase_transition',
      'harvests < work',
      'harvest < work',
      'deal < work, work',
      'gold < deal',
      'simulation_end < turn_end',
    ]) {
      expect(told).toContain(link)
    }
  })

  it('links events of the agents and the engine that they emit themselves', async () => {
    const detail = (simulationId: string, calculationType: string) =>
      createDetailEvent({ simulationId, turnNumber: 1, calculationType, intermediateValues: {} })
    const { events } = await play({
      agents: [
        agent('anna', async ({ writer, simulationId, recordCall }) => {
          await Promise.all([
            setTimeout(2).then(() => writer.emit(detail(simulationId, 'own thought'))),
            recordCall('model', async () => {
              await setTimeout(1)
            }),
          ])
          return { actions: [{ type: 'work', payload: {} }] }
        }),
      ],
      engine: engine((world, { writer, simulationId, actions, apply }) => {
        writer.emit(detail(simulationId, 'own rule'))
        for (const deed of actions) {
          apply(deed, (state) => {
            writer.emit(detail(simulationId, 'own effect'))
            return state
          })
        }
        return world
      }),
    })
    const told = links(events)
    expect(told).toContain('own thought < turn_start')
    expect(told).toContain('own rule < phase_transition')
    expect(told).toContain('own effect < work')
  })
})
