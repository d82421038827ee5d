import { readdirSync } from 'node:fs'
import { setImmediate } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { SimulationOrchestrator } from '#src/simulation/simulation-orchestrator.js'
import type { Turn } from '#src/simulation/engine.js'
import { agent, engine, options, play, type World, wordOf } from '../support/small-world.js'
import { recorded, turnlogError } from '../support/writing.js'

function eventsBelow(outputRoot = '') {
  const [simulationId = ''] = readdirSync(outputRoot)
  return recorded(outputRoot, simulationId)
}

const idle = agent('idle', () => ({}))

describe('a run in which something odd is thrown', () => {
  it.each([
    ['nothing', undefined as never, 'undefined'],
    ['an object of nothing', Object.create(null) as never, '[Object: null prototype] {}'],
    ['an error without a text', Object.assign(new Error(), { message: { a: 1 } }), '{ a: 1 }'],
    ['half a surrogate pair', new Error('\ud83d'), '\ufffd'],
  ])('records its end, and throws just that: %s', async (_what, thrown: Error, message) => {
    const all = options({ engine: engine(() => Promise.reject(thrown)) })
    const outcome = await new SimulationOrchestrator(all).run().catch((error: unknown) => [error])
    expect(outcome).toEqual([thrown])
    const [failure, end] = eventsBelow(all.outputRoot).slice(-2)
    expect(failure?.details).toMatchObject({ error_type: 'engine_failed', error_message: message })
    expect(end?.details).toMatchObject({ outcome: 'failed', error_message: message })
    expect(end?.caused_by).toEqual([failure?.event_id])
  })

  it('records each failure once, also the same one again and several at a time', async () => {
    const again = new Error('again')
    const failing = (id: string) => agent(id, () => Promise.reject(again))
    const { events } = await play({
      config: { name: 'world', turns: 3 },
      agents: [failing('anna'), failing('ben')],
      onAgentError: 'skip',
    })
    const failures = events.filter((event) => wordOf(event) === 'agent_failed')
    expect(failures.map(({ turn_number: turn, details }) => [turn, details['agent']])).toEqual(
      [1, 2, 3].flatMap((turn) => [
        [turn, 'anna'],
        [turn, 'ben'],
      ]),
    )
    const all = options({ agents: [failing('anna'), failing('ben')] })
    await expect(new SimulationOrchestrator(all).run()).rejects.toBe(again)
    const words = eventsBelow(all.outputRoot).map(wordOf)
    expect(words).not.toContain('validator_failed')
  })
})

describe('a run whose agents are asynchronous in name alone', () => {
  it('serves timers and signals all the same', async () => {
    const controller = new AbortController()
    let ticks = 0
    const timer = setInterval(() => {
      if (++ticks === 3) controller.abort()
    }, 1)
    const all = options({
      config: { name: 'world', turns: 1e9 },
      agents: [agent('anna', () => Promise.resolve({}))],
      engine: engine((world) => Promise.resolve(world)),
      eventVerbosity: 'MILESTONE',
    })
    const report = await new SimulationOrchestrator(all).run({ signal: controller.signal })
    clearInterval(timer)
    expect(report.outcome).toBe('interrupted')
  })

  it('ends at the signal though an agent takes no notice of it', async () => {
    const controller = new AbortController()
    const deaf = agent('deaf', () => {
      void setImmediate().then(() => {
        controller.abort()
      })
      return new Promise(() => undefined)
    })
    const all = options({ agents: [deaf] })
    const report = await new SimulationOrchestrator(all).run({ signal: controller.signal })
    expect(report).toMatchObject({ outcome: 'interrupted', turns: 0 })
  })

  it('may allow as many at a time as it likes', async () => {
    const slow = (id: string) => agent(id, () => Promise.resolve({}))
    const agents = [slow('anna'), slow('ben')]
    const { report } = await play({ agents, concurrency: Number.MAX_SAFE_INTEGER })
    expect(report.outcome).toBe('completed')
  })
})

describe('what cannot be recorded as it is', () => {
  it('is refused without its payload, whatever the verbosity', async () => {
    const odd = agent('anna', () => ({ actions: [{ type: 'odd', payload: { n: 1n } }] }))
    const { report, events } = await play({ agents: [odd] })
    expect(report.outcome).toBe('completed')
    const refusal = events.find((event) => wordOf(event) === 'action_refused')
    expect(refusal?.details).toMatchObject({ agent: 'anna', action_type: 'odd' })
    expect(refusal?.details['reason']).toContain('BigInt')
    expect(refusal?.details).not.toHaveProperty('action_payload')
  })

  it('is told of where a change is larger than the queue', async () => {
    const grow = engine((world) => {
      world.global.weather = 'x'.repeat(10_000)
      return world
    })
    const { report, events } = await play({ engine: grow, writer: { maxQueueBytes: 8_192 } })
    expect(report.outcome).toBe('completed')
    const warning = events.find((event) => wordOf(event) === 'change_not_recorded')
    expect(warning?.details).toMatchObject({ status: 'warning', variable_name: 'weather' })
  })

  it('is a decision remembered as it was, though its value changes', async () => {
    const list: number[] = []
    const anna = agent('anna', ({ turnNumber }) => {
      list.push(turnNumber)
      return { decisions: [{ type: 'list', value: list, description: 'x'.repeat(600) }] }
    })
    const { events } = await play({ config: { name: 'world', turns: 2 }, agents: [anna] })
    const [, second] = events.filter((event) => wordOf(event) === 'list')
    expect(second?.details).toMatchObject({ old_value: [1], new_value: [1, 2] })
    expect(second?.description).toHaveLength(500)
  })
})

describe('an author without types is told what is wrong', () => {
  const give = { type: 'give', payload: {} }
  const apply = (change: (world: World) => World) =>
    engine((world, turn) => {
      turn.apply(turn.interact({ type: 'deal', participants: ['anna'], payload: {} }), change)
      return world
    })

  it.each([
    [
      'a verdict that is none',
      { validator: { validate: () => true as never } },
      'the validator gave true',
    ],
    [
      'no verdict',
      { validator: { validate: () => undefined as never } },
      'the validator gave undefined',
    ],
    [
      'apply without a state',
      { engine: apply(() => undefined as never) },
      'gave undefined for the state',
    ],
    [
      'agents in a Map',
      { engine: engine(() => ({ global: {}, agents: new Map() }) as never) },
      'gave Map(0) {} for `agents`',
    ],
  ])('%s', async (_what, setup, message) => {
    const agents = [agent('anna', () => ({ actions: [give] }))]
    await expect(play({ agents, ...setup })).rejects.toThrow(
      turnlogError('SIMULATION_INVALID', message),
    )
  })

  it('a single participant where a list belongs', async () => {
    const action = { ...give, interaction: { type: 'gift', with: 'ben' as never } }
    const { events } = await play({ agents: [agent('anna', () => ({ actions: [action] }))] })
    const refusal = events.find((event) => wordOf(event) === 'action_refused')
    expect(refusal?.details['reason']).toContain("interaction.with is 'ben', not a list")
  })

  it('a turn that is over', async () => {
    let kept: Turn<World> | undefined
    const keep = engine((world, turn) => {
      kept ??= turn
      if (turn.turnNumber === 2) kept.phase('late')
      return world
    })
    const twice = { config: { name: 'world', turns: 2 }, engine: keep, agents: [idle] }
    await expect(play(twice)).rejects.toThrow(turnlogError('SIMULATION_INVALID', '1 is over'))
  })
})

describe('an engine', () => {
  it('may take its time to say that it is over', async () => {
    const isOver = ({ global }: World) => Promise.resolve(global.harvests === 2)
    const harvest = engine((world) => {
      world.global.harvests++
      return world
    })
    const { report } = await play({
      config: { name: 'world', turns: 9 },
      engine: { ...harvest, isOver },
    })
    expect(report).toMatchObject({ outcome: 'completed', turns: 2 })
  })

  it('may bring about as many deals as it likes: they come from actions, not from each other', async () => {
    const trade = engine((world, turn) => {
      for (let deal = 0; deal < 50; deal++) {
        turn.interact({ type: 'deal', participants: ['anna', 'ben'], payload: { deal } })
      }
      return world
    })
    const agents = [agent('anna', () => ({ actions: [{ type: 'open', payload: {} }] }))]
    const { events } = await play({ engine: trade, agents })
    const open = events.find((event) => wordOf(event) === 'open')
    const deals = events.filter((event) => wordOf(event) === 'deal')
    expect(deals.map(({ caused_by: causes }) => causes)).toEqual(deals.map(() => [open?.event_id]))
  })
})
