import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { defineActionType } from '#src/event/custom-type.js'
import type { Action } from '#src/simulation/agent.js'
import { SimulationOrchestrator } from '#src/simulation/simulation-orchestrator.js'
import { agent, engine, links, options, play, wordOf } from '../support/small-world.js'
import { temporaryDirectory } from '../support/temporary-directory.js'
import { recorded, turnlogError } from '../support/writing.js'

const give: Action = {
  type: 'give',
  payload: { amount: 1 },
  interaction: { type: 'gift', with: ['ben'] },
}

describe('a run', () => {
  it('has a directory of its own with its events and its config', async () => {
    const outputRoot = temporaryDirectory()
    const config = { name: 'world', turns: 2, seed: 7, nested: { list: [1, null] } }
    const setup = { outputRoot, config, agents: [agent('anna', () => ({}))] }
    const [first, second] = await Promise.all([play(setup), play(setup)])
    for (const { report, events } of [first, second]) {
      expect(report).toMatchObject({ outcome: 'completed', turns: 2 })
      expect(report.simulationId).toMatch(/^world-\d{8}-\d{6}-1agents$/)
      expect(report.directory).toBe(join(outputRoot, report.simulationId))
      expect(events.every((event) => event.simulation_id === report.simulationId)).toBe(true)
      const saved = readFileSync(join(report.directory, 'config.json'), 'utf8')
      expect(JSON.parse(saved)).toEqual(config)
    }
    expect(first.report.simulationId).not.toBe(second.report.simulationId)
  })

  it('marks its course, from turn 0 on', async () => {
    const { events } = await play({ config: { name: 'world', turns: 2 } })
    const course = events.filter(({ event_type: type }) => type === 'MILESTONE')
    expect(course.map((event) => `${event.turn_number} ${wordOf(event)}`)).toEqual([
      '0 simulation_start',
      '1 turn_start',
      '1 phase_transition',
      '1 turn_end',
      '2 turn_start',
      '2 phase_transition',
      '2 turn_end',
      '2 simulation_end',
    ])
    expect(course.at(-1)?.details).toMatchObject({ outcome: 'completed', turns: 2 })
  })

  it('ends when the engine says so', async () => {
    const isOver = ({ global }: { global: { harvests: number } }): boolean => global.harvests === 3
    const harvest = engine((world) => {
      world.global.harvests++
      return world
    })
    const { report } = await play({
      config: { name: 'world', turns: 100 },
      engine: { ...harvest, isOver },
    })
    expect(report).toMatchObject({ outcome: 'completed', turns: 3 })
  })

  it('is played once', async () => {
    const orchestrator = new SimulationOrchestrator(options())
    const first = orchestrator.run()
    expect(orchestrator.simulationId).toMatch(/^world-/)
    await expect(orchestrator.run()).rejects.toThrow(
      turnlogError('SIMULATION_INVALID', `this one was run as ${orchestrator.simulationId ?? ''}`),
    )
    expect(await first).toMatchObject({ outcome: 'completed' })
  })

  it('records thousands of synchronous turns without a loss', async () => {
    const calculate = engine((world, turn) => {
      for (let index = 0; index < 20; index++) turn.calculate('step', { index })
      world.global.harvests++
      return world
    })
    const turns = 3_000
    const { report } = await play({ config: { name: 'world', turns }, engine: calculate })
    const { stats } = report.recording
    expect(stats.dropped).toBe(0)
    // In each turn: start, phase, end, 20 calculations and a change; besides, start, end and 4 values.
    expect(stats.written).toBe(turns * 24 + 6)
  })
})

describe('what agents come up with', () => {
  it('is recorded as decisions with what they replace, and as actions', async () => {
    const decide = ({ turnNumber }: { turnNumber: number }) => ({
      decisions: [
        { type: 'price', value: turnNumber * 10, description: 'a price' },
        { type: 'mood', value: 'glad', oldValue: 'sad', details: { why: 'sun' } },
      ],
      actions: [give, { type: 'rest', payload: {}, details: { place: 'home' } }],
    })
    const { events } = await play({
      config: { name: 'world', turns: 2 },
      agents: [agent('anna', decide)],
    })
    const details = (type: string): object[] =>
      events.flatMap((event) => (event.event_type === type ? [event.details] : []))
    expect(details('DECISION')).toEqual([
      { decision_type: 'price', new_value: 10 },
      { decision_type: 'mood', old_value: 'sad', new_value: 'glad', why: 'sun' },
      { decision_type: 'price', old_value: 10, new_value: 20 },
      { decision_type: 'mood', old_value: 'sad', new_value: 'glad', why: 'sun' },
    ])
    expect(details('ACTION').slice(0, 2)).toEqual([
      {
        action_type: 'give',
        action_payload: { amount: 1 },
        interaction_type: 'gift',
        participating_agent_ids: ['anna', 'ben'],
      },
      { action_type: 'rest', action_payload: {}, place: 'home' },
    ])
  })

  it('is refused with the reason where the validator says no, or it breaks a rule', async () => {
    const seen: string[] = []
    const bad = [
      { ...give, payload: { amount: 100 } },
      { type: 'trade', payload: { amount: -1 } },
      { type: '', payload: {} },
      { type: 'odd', payload: 'text' as never },
    ]
    const { events } = await play({
      agents: [agent('anna', () => ({ actions: [give, ...bad] }))],
      validator: {
        validate: async ({ payload }, { agentId, state }) => {
          await setTimeout(1)
          const gold = state.agents[agentId]?.gold ?? 0
          const lacks = Number(payload['amount']) > gold
          return lacks ? { valid: false, reason: `has ${gold} gold` } : { valid: true }
        },
      },
      engine: engine((world, { actions }) => {
        seen.push(...actions.map(({ action }) => action.type))
        return world
      }),
      writer: {
        customTypes: [
          defineActionType(
            'trade',
            z.object({ action_payload: z.object({ amount: z.number().positive() }) }),
          ),
        ],
      },
    })
    expect(seen).toEqual(['give'])
    const refusals = events.filter((event) => wordOf(event) === 'action_refused')
    expect(refusals.map(({ details }) => details)).toMatchObject([
      { status: 'failure', agent: 'anna', action_type: 'give', reason: 'has 5 gold' },
      { action_type: 'trade', reason: expect.stringContaining('action_payload.amount') as string },
      { action_type: '', reason: expect.stringContaining('details.action_type') as string },
      { action_type: 'odd', reason: expect.stringContaining('details.action_payload') as string },
    ])
  })

  it('may take its time: all decide side by side, as many as concurrency allows', async () => {
    let deciding = 0
    let most = 0
    const slow = (id: string) =>
      agent(id, async () => {
        most = Math.max(most, ++deciding)
        await setTimeout(3)
        deciding--
        return { actions: [{ type: `by ${id}`, payload: {} }] }
      })
    const ids = ['a', 'b', 'c', 'd', 'e']
    const order: string[] = []
    await play({
      agents: ids.map(slow),
      concurrency: 2,
      engine: engine((world, { actions }) => {
        order.push(...actions.map(({ agentId }) => agentId))
        return world
      }),
    })
    expect(most).toBe(2)
    expect(order).toEqual(ids)
  })

  it.each([
    ['throws', () => Promise.reject(new TypeError('no idea')), 'no idea'],
    ['gives nothing', () => undefined as never, 'let agent ben decide: it gave undefined'],
    ['gives nonsense', () => ({ actions: 'all' }) as never, "it gave { actions: 'all' }"],
    ['decides nothing in particular', () => ({ decisions: [{}] }) as never, 'decision_type'],
  ])('is left out of the turn with onAgentError skip when it %s', async (_what, decide, why) => {
    const agents = [agent('ben', decide), agent('anna', () => ({ actions: [give] }))]
    const { report, events } = await play({ agents, onAgentError: 'skip' })
    expect(report.outcome).toBe('completed')
    const failure = events.find((event) => wordOf(event) === 'agent_failed')
    expect(failure?.details).toMatchObject({ status: 'failure', agent: 'ben' })
    expect(failure?.details['error_message']).toContain(why)
    expect(events.map(wordOf)).toContain('give')
  })
})

describe('what the engine changes', () => {
  it('is recorded by variable, the world at its start included', async () => {
    const { events } = await play({
      config: { name: 'world', turns: 2 },
      engine: engine(({ global, agents }, { turnNumber }) =>
        turnNumber === 1
          ? { global: { ...global, weather: 'rain' }, agents: { anna: { gold: 5, friends: [] } } }
          : { global, agents: { ...agents, carl: { gold: 0 } } },
      ),
    })
    const changes = events.flatMap((event) => {
      if (event.event_type !== 'STATE') return []
      const { variable_name: name, old_value: before, new_value: after, scope } = event.details
      return [[event.turn_number, event.agent_id ?? scope, name, before, after]]
    })
    expect(changes).toEqual([
      [0, 'global', 'weather', null, 'sun'],
      [0, 'global', 'harvests', null, 0],
      [0, 'anna', 'gold', null, 5],
      [0, 'ben', 'gold', null, 3],
      [1, 'global', 'weather', 'sun', 'rain'],
      [1, 'anna', 'friends', null, []],
      [1, 'ben', 'gold', 3, null],
      [2, 'carl', 'gold', null, 0],
    ])
  })

  it('comes from the deed it was applied to, else from what its agent did, else from the phase', async () => {
    const { events } = await play({
      agents: [agent('anna', () => ({ actions: [give] }))],
      engine: engine((world, turn) => {
        const [gift] = turn.actions
        const { anna, ben } = world.agents
        if (gift === undefined || anna === undefined || ben === undefined) return world
        turn.calculate('tax', { rate: 0.1 })
        turn.apply(gift, (state) => {
          anna.gold--
          turn.calculate('gift', {})
          return state
        })
        ben.friends = ['anna']
        turn.phase('trading')
        const deal = turn.interact({ type: 'deal', participants: ['ben', 'anna'], payload: {} })
        turn.apply(deal, (state) => {
          ben.gold++
          return state
        })
        turn.phase('night')
        world.global.weather = 'rain'
        anna.friends = ['ben']
        return world
      }),
    })
    expect(links(events)).toEqual([
      'turn_start < simulation_start',
      'give < turn_start',
      'phase_transition < give',
      'tax < phase_transition',
      'gift < give',
      'gold < give',
      'friends < give',
      'phase_transition < phase_transition',
      'deal < give',
      'gold < deal',
      'phase_transition < phase_transition',
      'weather < phase_transition',
      'friends < phase_transition',
      'turn_end < tax, gift, gold, friends, gold, weather, friends',
      'simulation_end < turn_end',
    ])
  })

  it('must be applied at once, and give a state', async () => {
    const applyLater = engine((world, turn) => {
      const deed = turn.interact({ type: 'deal', participants: ['anna'], payload: {} })
      turn.apply(deed, (state) => Promise.resolve(state) as never)
      return world
    })
    await expect(play({ engine: applyLater })).rejects.toThrow(
      turnlogError('SIMULATION_INVALID', 'apply a deed of agent anna: the change is asynchronous'),
    )
    await expect(play({ engine: engine(() => undefined as never) })).rejects.toThrow(
      turnlogError('SIMULATION_INVALID', 'the engine gave undefined for the state'),
    )
  })
})

describe('a run that goes wrong', () => {
  it.each([
    ['engine', { engine: engine(() => Promise.reject(new RangeError('out of grain'))) }],
    [
      'validator',
      {
        validator: {
          validate: () => {
            throw new RangeError('out of grain')
          },
        },
      },
    ],
    [
      'agent',
      {
        agents: [
          agent('anna', () => {
            throw new RangeError('out of grain')
          }),
        ],
      },
    ],
  ])('in the %s records why, ends, and throws what was thrown', async (who, setup) => {
    const anna = agent('anna', () => ({ actions: [give] }))
    const all = options({ agents: [anna], ...setup })
    await expect(new SimulationOrchestrator(all).run()).rejects.toThrow(
      new RangeError('out of grain'),
    )
    const events = eventsBelow(all.outputRoot)
    const [failure, end] = events.slice(-2)
    expect(failure?.details).toMatchObject({
      status: 'failure',
      error_type: `${who}_failed`,
      error: 'RangeError',
      error_message: 'out of grain',
    })
    expect(end?.details).toMatchObject({ milestone_type: 'simulation_end', outcome: 'failed' })
    expect(end?.caused_by).toEqual([failure?.event_id])
  })

  it('ignores what agents come up with afterwards, and aborts their calls', async () => {
    const late: Promise<unknown>[] = []
    const slow = agent('slow', ({ recordCall, signal }) => {
      const call = recordCall('model', () => setTimeout(60_000, {}, { signal }))
      late.push(call.catch((error: unknown) => error))
      return call
    })
    const failing = agent('failing', async () => {
      await setTimeout(5)
      throw new Error('no idea')
    })
    const all = options({ agents: [slow, failing] })
    await expect(new SimulationOrchestrator(all).run()).rejects.toThrow('no idea')
    expect(await late[0]).toMatchObject({ name: 'AbortError' })
    expect(eventsBelow(all.outputRoot).map(wordOf).slice(-2)).toEqual([
      'agent_failed',
      'simulation_end',
    ])
  })

  it('on account of a signal ends in the middle of a turn', async () => {
    const controller = new AbortController()
    const all = options({
      config: { name: 'world', turns: 100 },
      agents: [
        agent('anna', async ({ turnNumber, signal }) => {
          if (turnNumber === 3) controller.abort()
          await setTimeout(turnNumber === 3 ? 60_000 : 0, undefined, { signal })
          return { actions: [give] }
        }),
      ],
    })
    const report = await new SimulationOrchestrator(all).run({ signal: controller.signal })
    expect(report).toMatchObject({ outcome: 'interrupted', turns: 2 })
    const end = eventsBelow(all.outputRoot).at(-1)
    expect(end?.details).toMatchObject({ outcome: 'interrupted', turns: 2 })
  })

  it('before it began leaves nothing behind that looks like a run', async () => {
    const outputRoot = temporaryDirectory()
    const named = new SimulationOrchestrator(
      options({ outputRoot, config: { name: 'a/b', turns: 1 } }),
    )
    await expect(named.run()).rejects.toThrow(turnlogError('SIMULATION_ID_INVALID', 'a/b'))
    const badWriter = { maxQueueSize: 0 }
    for (const setup of [{ eventVerbosity: 'LOUD' as never }, { writer: badWriter }]) {
      const create = () => new SimulationOrchestrator(options({ outputRoot, ...setup }))
      expect(create).toThrow(turnlogError('SETTING_INVALID', 'set up an EventWriter'))
    }
    expect(readdirSync(outputRoot)).toEqual([])
  })
})

function eventsBelow(outputRoot = '') {
  const [simulationId = ''] = readdirSync(outputRoot)
  return recorded(outputRoot, simulationId)
}

describe('the logger of a run', () => {
  it('hears of its start and its end, and of agents that fail', async () => {
    const told: string[] = []
    const hear = (level: string) => (about: object, message: string) => {
      told.push(`${level} ${message} ${'simulationId' in about ? 'of a run' : ''}`)
    }
    const logger = { info: hear('info'), warn: hear('warn'), error: hear('error') }
    const lost = agent('ben', () => Promise.reject(new Error('no idea')))
    await play({ logger, agents: [lost], onAgentError: 'skip' })
    expect(told).toEqual([
      'info turnlog records of a run',
      'info simulation starts of a run',
      'warn agent failed of a run',
      'info simulation completed of a run',
      'info turnlog stopped of a run',
    ])
    told.length = 0
    await expect(play({ logger, agents: [lost] })).rejects.toThrow('no idea')
    expect(told).toContain('error simulation failed of a run')
  })
})
