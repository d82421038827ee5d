import { describe, expect, it } from 'vitest'
import { SimulationOrchestrator } from '#src/simulation/simulation-orchestrator.js'
import { agent, options } from '../support/small-world.js'
import { turnlogError } from '../support/writing.js'

const anna = agent('anna', () => ({}))

describe('the options of a simulation', () => {
  it.each([
    [{ config: undefined }, 'config.name is undefined, not a text'],
    [{ config: { name: '', turns: 1 } }, "config.name is '', not a text"],
    [{ config: { name: 'world', turns: 1.5 } }, 'config.turns is 1.5, not a whole number from 0'],
    [{ config: { name: 'world' } }, 'config.turns is undefined'],
    [{ engine: {} }, 'engine is {}, not one with start() and playTurn()'],
    [{ validator: () => true }, 'not one with validate()'],
    [{ agents: 'anna' }, "agents is 'anna', not a list"],
    [{ agents: [{ id: 'anna' }] }, "an agent is { id: 'anna' }, not one with an id and decide()"],
    [{ agents: [null] }, 'an agent is null'],
    [{ agents: [agent('', () => ({}))] }, 'not one with an id and decide()'],
    [{ agents: [anna, anna] }, "the id of two agents is 'anna', not unique in the run"],
    [{ concurrency: 0 }, 'concurrency is 0, not a whole number from 1'],
    [{ onAgentError: 'ignore' }, "onAgentError is 'ignore', not one of throw, skip"],
  ])('refuse %j', (setup, message) => {
    const all = { ...options(), ...setup } as never
    expect(() => new SimulationOrchestrator(all)).toThrow(turnlogError('SETTING_INVALID', message))
  })

  it('allow a simulation without turns, agents and a validator', async () => {
    const empty = options({ config: { name: 'world', turns: 0 } })
    const report = await new SimulationOrchestrator(empty).run()
    expect(report).toMatchObject({ outcome: 'completed', turns: 0 })
  })
})
