// Records test/fixtures/village anew: two runs of three farmers who ask a model, trade, and change
// their minds. What they do is always the same; ids, times and how long calls take are not.
import { setTimeout } from 'node:timers/promises'
import { SimulationOrchestrator } from '../../dist/src/index.js'

const [outputRoot = 'output'] = process.argv.slice(2)

/** What each farmer plans, by turn; nobody has plans for turn 5. */
const PLANS = {
  ann: ['sow', 'sow', 'keep', 'sow', undefined, 'keep', 'sell', 'sell'],
  bob: ['sow', 'sell', 'sow', 'sell', undefined, 'sell', 'sell', 'keep'],
  cem: ['keep', 'keep', 'sell', 'sell', undefined, 'keep', 'keep', 'keep'],
}
const MODELS = { ann: 'large', bob: 'small', cem: 'small' }

/** How often a farmer's model fails before it answers, by turn. */
const FAILURES = { ann: { 3: 1 }, bob: { 1: 1, 2: 2, 6: 1 }, cem: { 4: 9 } }

function createFarmer(id, turns) {
  return {
    id,
    async decide({ turnNumber, state, calculate, recordCall }) {
      const plan = turnNumber > turns ? undefined : PLANS[id][turnNumber - 1]
      if (plan === undefined) return {}
      const { grain } = state.agents[id]
      calculate('stock', { grain, price: state.global.price })
      const failures = FAILURES[id][turnNumber] ?? 0
      const ask = async (attempt) => {
        await setTimeout((id === 'ann' ? 30 : 5) + turnNumber + 2 * id.charCodeAt(0) - 190)
        if (attempt <= failures) throw Object.assign(new Error('try again later'), { code: 'busy' })
        return {
          plan,
          usage: { prompt_tokens: 400 + 10 * grain, completion_tokens: 12 + turnNumber },
        }
      }
      await recordCall('plan', ask, { retries: 2, details: { model: MODELS[id], agent: id } })
      const decisions = [{ type: 'plan', value: plan, description: `${id} wants to ${plan}` }]
      const other = id === 'ann' ? 'bob' : 'ann'
      const interaction = { type: 'trade', with: [other] }
      const payload = { grain: 1, price: state.global.price }
      if (plan === 'sell') return { decisions, actions: [{ type: 'sell', payload, interaction }] }
      return plan === 'sow'
        ? { decisions, actions: [{ type: 'sow', payload: { grain: 2 } }] }
        : { decisions }
    },
  }
}

const engine = {
  start: () => ({
    global: { price: 10, season: 'spring' },
    agents: {
      ann: { grain: 9, gold: 20 },
      bob: { grain: 6, gold: 30 },
      cem: { grain: 3, gold: 40 },
    },
  }),
  playTurn(village, turn) {
    let sold = 0
    for (const deed of turn.actions) {
      const { action, agentId } = deed
      turn.apply(deed, (state) => {
        const farmer = state.agents[agentId]
        const { grain, price = 0 } = action.payload
        farmer.grain -= grain
        farmer.gold += price
        if (action.type === 'sell') {
          const buyer = state.agents[agentId === 'ann' ? 'bob' : 'ann']
          buyer.grain += grain
          buyer.gold -= price
          sold++
        }
        return state
      })
    }
    if (turn.actions.length > 0) {
      turn.phase('market')
      turn.calculate('price', { sold, price: village.global.price })
      village.global.price += sold === 0 ? 2 : -sold
      if (turn.turnNumber === 4) village.global.season = 'summer'
    }
    return village
  },
}

const validator = {
  validate: ({ type, payload }, { agentId, state }) =>
    state.agents[agentId].grain < payload.grain
      ? { valid: false, reason: `${agentId} has no grain to ${type}` }
      : { valid: true },
}

for (const turns of [8, 3]) {
  const agents = Object.keys(PLANS).map((id) => createFarmer(id, turns))
  const { simulationId } = await new SimulationOrchestrator({
    config: { name: 'village', turns },
    engine,
    agents,
    validator,
    outputRoot,
    eventVerbosity: 'DETAIL',
    onAgentError: 'skip',
  }).run()
  process.stdout.write(`${simulationId}\n`)
}
