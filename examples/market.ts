/**
 * A grain market of six traders, played by the orchestrator: each turn every
 * trader asks a model (here a scripted one that fails now and then) what to do
 * and bids or asks; the engine matches them, and everybody eats.
 *
 *     node dist/examples/market.js [outputRoot]
 */
import { fileURLToPath } from 'node:url'
import {
  type Agent,
  type Engine,
  type RecordedAction,
  SimulationOrchestrator,
  type Turn,
  type Validator,
  type Verbosity,
} from 'turnlog'

interface Goods {
  gold: number
  grain: number
}

interface Market {
  readonly global: { grain_price: number; harvest: number }
  readonly agents: Record<string, Goods>
}

interface Offer {
  readonly type: 'bid' | 'ask'
  readonly payload: { readonly amount: number; readonly price: number }
  readonly description: string
}

type Mood = 'buy' | 'sell' | 'wait'

/** How the market is set up; the same seed plays the same market. */
export interface MarketOptions {
  readonly outputRoot: string
  readonly eventVerbosity?: Verbosity
  readonly seed?: number
  readonly turns?: number
}

const TRADERS = ['alice', 'bahar', 'chen', 'diego', 'emeka', 'freya']
const START: Readonly<Goods> = { gold: 200, grain: 10 }
const FLAKINESS = 0.1

/** A market that is ready to run. */
export function createMarket({
  outputRoot,
  eventVerbosity = 'DETAIL',
  seed = 7,
  turns = 100,
}: MarketOptions): SimulationOrchestrator<Market, Offer> {
  return new SimulationOrchestrator<Market, Offer>({
    config: { name: 'market', turns, seed, flakiness: FLAKINESS },
    engine: createEngine(seed),
    agents: TRADERS.map((id, index) => createTrader(id, seed + index + 1)),
    validator,
    outputRoot,
    eventVerbosity,
  })
}

function createTrader(id: string, seed: number): Agent<Market, Offer> {
  const random = createRandom(seed)
  return {
    id,
    async decide({ state, calculate, recordCall }) {
      const goods = state.agents[id] ?? START
      const price = state.global.grain_price
      const appetite = goods.gold / price / 4 - goods.grain + 16 * (random() - 0.5)
      calculate('appetite', { ...goods, price, appetite }, `${id} looks at gold and grain`)
      const { mood } = await recordCall('scripted-model', () => ask(appetite, random), {
        retries: 3,
        details: { model: 'scripted' },
      })
      const decisions = [{ type: 'mood', value: mood, description: `${id} wants to ${mood}` }]
      if (mood === 'wait') return { decisions }
      const amount = 1 + Math.floor(9 * random())
      const offer: Offer = {
        type: mood === 'buy' ? 'bid' : 'ask',
        payload: { amount, price: price + (mood === 'buy' ? 1 : -1) },
        description: `${id} offers to ${mood} ${amount} grain`,
      }
      return { decisions, actions: [offer] }
    },
  }
}

/** Stands in for a model over the network: answers with a mood and the tokens it took, or is busy. */
async function ask(appetite: number, random: () => number) {
  await Promise.resolve()
  if (random() < FLAKINESS) throw Object.assign(new Error('try again later'), { code: 'busy' })
  const mood: Mood = appetite > 2 ? 'buy' : appetite < -2 ? 'sell' : 'wait'
  return { mood, usage: { input_tokens: 180, output_tokens: 20 + Math.floor(20 * random()) } }
}

const validator: Validator<Market, Offer> = {
  validate({ type, payload: { amount, price } }, { agentId, state }) {
    const { gold, grain } = state.agents[agentId] ?? START
    if (type === 'bid' && amount * price > gold)
      return refuse(`${amount * price} gold, has ${gold}`)
    if (type === 'ask' && amount > grain) return refuse(`${amount} grain, has ${grain}`)
    return { valid: true }
  },
}

function refuse(reason: string) {
  return { valid: false, reason: `needs ${reason}` } as const
}

function createEngine(seed: number): Engine<Market, Offer> {
  const random = createRandom(seed)
  return {
    start: () => ({
      global: { grain_price: 5, harvest: 0 },
      agents: Object.fromEntries(TRADERS.map((id) => [id, { ...START }])),
    }),

    playTurn(market, turn) {
      const bids = turn.actions.filter(({ action }) => action.type === 'bid')
      const asks = turn.actions.filter(({ action }) => action.type === 'ask')
      turn.phase('trading', 'The market opens')
      for (const [index, bid] of bids.entries()) {
        const ask = asks[index]
        if (ask !== undefined) trade(turn, bid, ask)
      }

      turn.phase('harvest', 'Grain is reaped and eaten')
      market.global.harvest = Math.floor(1 + 5 * random())
      const reapers = [...TRADERS].sort(() => random() - 0.5)
      for (const [index, id] of reapers.entries()) {
        const reaped = index < market.global.harvest ? 2 : 0
        change(market.agents[id], 0, reaped - 1)
      }

      const before = market.global.grain_price
      const pressure = bids.length - asks.length
      market.global.grain_price = Math.max(1, before + Math.sign(pressure))
      turn.calculate('clearing_price', { before, pressure, after: market.global.grain_price })
      return market
    },
  }
}

/** One trader buys from another what both can agree on. */
function trade(
  turn: Turn<Market, Offer>,
  bid: RecordedAction<Offer>,
  ask: RecordedAction<Offer>,
): void {
  const [buyer, seller] = [bid.agentId, ask.agentId]
  const amount = Math.min(bid.action.payload.amount, ask.action.payload.amount)
  const price = Math.round((bid.action.payload.price + ask.action.payload.price) / 2)
  const deal = turn.interact({
    type: 'trade',
    participants: [buyer, seller],
    payload: { good: 'grain', amount, price },
    causes: [bid, ask],
    description: `${buyer} buys ${amount} grain from ${seller} at ${price}`,
  })
  turn.apply(deal, (market) => {
    change(market.agents[buyer], -amount * price, amount)
    change(market.agents[seller], amount * price, -amount)
    return market
  })
}

function change(goods: Goods | undefined, gold: number, grain: number): void {
  if (goods === undefined) return
  goods.gold += gold
  goods.grain = Math.max(0, goods.grain + grain)
}

/** Reproducible numbers in [0, 1): a linear congruential generator, good enough for an example. */
function createRandom(seed: number): () => number {
  let state = Math.imul(seed, 2654435761)
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state / 2 ** 32
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const report = await createMarket({ outputRoot: process.argv[2] ?? 'output' }).run()
  console.log(`${report.recording.stats.written} events in ${report.directory}`)
}
