import {
  createActionEvent,
  createDecisionEvent,
  createDetailEvent,
  createMilestoneEvent,
  createStateEvent,
  createSystemEvent,
} from '../../src/event/builders.js'
import type { MilestoneType, TurnlogEvent } from '../../src/event/event-schema.js'

/** How the market is played; the same seed plays the same market. */
export interface MarketOptions {
  readonly simulationId: string
  readonly turns: number
  readonly seed: number
  /** Takes every event as it happens. */
  readonly emit: (event: TurnlogEvent) => void
}

/** The traders, in the order in which they decide. */
export const TRADERS = ['alice', 'bahar', 'chen', 'diego'] as const

const START_GOLD = 100
const START_GRAIN = 20
const START_PRICE = 5

type Strategy = 'buy' | 'sell' | 'hold'

interface Trader {
  readonly id: string
  gold: number
  grain: number
  strategy: Strategy
  /** The last event that changed what this trader owns or wants: a cause of its next decision. */
  reason: string
}

/**
 * Plays a small market: each turn a price is made, every trader asks a
 * (scripted) model what to do, and those who want to buy meet those who want to
 * sell. Every event names its causes, so any change can be traced back.
 */
export function playMarket(options: MarketOptions): void {
  new Market(options).play(options.turns)
}

class Market {
  readonly #simulationId: string
  readonly #emit: (event: TurnlogEvent) => void
  readonly #random: () => number
  #turnNumber = 0
  #price = START_PRICE
  #traders: Trader[] = []

  constructor({ simulationId, seed, emit }: MarketOptions) {
    this.#simulationId = simulationId
    this.#emit = emit
    this.#random = createRandom(seed)
  }

  play(turns: number): void {
    const opening = `A market with ${TRADERS.length} traders opens`
    let last = this.#milestone('simulation_start', [], opening)
    this.#traders = TRADERS.map((id) => {
      return { id, gold: START_GOLD, grain: START_GRAIN, strategy: 'hold', reason: last }
    })
    while (this.#turnNumber < turns) {
      this.#turnNumber++
      last = this.#playTurn(last)
    }
    this.#milestone('simulation_end', [last], 'The market closes')
  }

  #playTurn(lastTurn: string): string {
    const turn = this.#turnNumber
    const start = this.#milestone('turn_start', [lastTurn], `Turn ${turn} begins`)
    const priced = this.#makePrice(start)
    const decisions = this.#traders.map((trader) => this.#decide(trader, priced))
    const trading = this.#milestone('phase_transition', decisions, 'The market opens')
    const deals = this.#matchTraders().map(([buyer, seller]) => this.#trade(buyer, seller, trading))
    return this.#milestone('turn_end', deals.length > 0 ? deals : [trading], `Turn ${turn} ends`)
  }

  #makePrice(cause: string): string {
    const before = this.#price
    const harvest = Math.round(60 + 60 * this.#random())
    const stock = this.#traders.reduce((sum, { grain }) => sum + grain, 0)
    this.#price = Math.max(1, Math.round((before + 1000 / (harvest + stock)) / 2 + this.#random()))
    const calculation = this.#record(
      createDetailEvent({
        ...this.#now(cause),
        calculationType: 'clearing_price',
        intermediateValues: { harvest, stock, before, after: this.#price },
      }),
    )
    return this.#record(
      createStateEvent({
        ...this.#now(calculation),
        variableName: 'grain_price',
        oldValue: before,
        newValue: this.#price,
        scope: 'global',
        description: `Grain costs ${this.#price} gold`,
      }),
    )
  }

  #decide(trader: Trader, cause: string): string {
    const answer = this.#askModel(trader, cause)
    const before = trader.strategy
    trader.strategy = chooseStrategy(trader, this.#price, this.#random())
    trader.reason = this.#record(
      createDecisionEvent({
        ...this.#now(cause, answer, trader.reason),
        agentId: trader.id,
        decisionType: 'strategy',
        oldValue: before,
        newValue: trader.strategy,
        description: `${trader.id} wants to ${trader.strategy} at ${this.#price}`,
      }),
    )
    return trader.reason
  }

  /** Asks the scripted model; one call in eight finds it busy and is tried again. */
  #askModel(trader: Trader, cause: string): string {
    const details = {
      agent: trader.id,
      model: 'scripted',
      tokens: Math.round(200 + 80 * this.#random()),
    }
    let asked = cause
    let retryCount = 0
    while (this.#random() < 0.125) {
      retryCount++
      asked = this.#record(
        createSystemEvent({
          ...this.#now(asked),
          status: 'retry',
          errorType: 'rate_limited',
          retryCount,
          description: 'The model was busy',
          details,
        }),
      )
    }
    const duration = Math.round(300 + 900 * this.#random())
    return this.#record(
      createSystemEvent({
        ...this.#now(asked),
        status: 'success',
        retryCount,
        details: { ...details, duration_ms: duration },
      }),
    )
  }

  #trade(buyer: Trader, seller: Trader, cause: string): string {
    const affordable = Math.floor(buyer.gold / this.#price)
    const amount = Math.min(seller.grain, affordable, 1 + Math.floor(4 * this.#random()))
    const deal = this.#record(
      createActionEvent({
        ...this.#now(cause, buyer.reason, seller.reason),
        agentId: buyer.id,
        actionType: 'trade',
        actionPayload: { good: 'grain', amount, price: this.#price, seller: seller.id },
        interactionType: 'trade',
        participatingAgentIds: [buyer.id, seller.id],
        description: `${buyer.id} buys ${amount} grain from ${seller.id}`,
      }),
    )
    this.#change(buyer, 'gold', -amount * this.#price, deal)
    this.#change(buyer, 'grain', amount, deal)
    this.#change(seller, 'gold', amount * this.#price, deal)
    this.#change(seller, 'grain', -amount, deal)
    return deal
  }

  #change(trader: Trader, variableName: 'gold' | 'grain', by: number, cause: string): void {
    const oldValue = trader[variableName]
    trader[variableName] += by
    trader.reason = this.#record(
      createStateEvent({
        ...this.#now(cause),
        agentId: trader.id,
        variableName,
        oldValue,
        newValue: trader[variableName],
        scope: 'agent',
        description: `${trader.id} has ${trader[variableName]} ${variableName}`,
      }),
    )
  }

  #matchTraders(): [buyer: Trader, seller: Trader][] {
    const buyers = this.#traders.filter(({ strategy }) => strategy === 'buy')
    const sellers = this.#traders.filter(({ strategy }) => strategy === 'sell')
    return buyers.flatMap((buyer, index) => {
      const seller = sellers[index]
      return seller === undefined ? [] : [[buyer, seller] satisfies [Trader, Trader]]
    })
  }

  #milestone(milestoneType: MilestoneType, causedBy: string[], description: string): string {
    const event = { ...this.#now(...causedBy), milestoneType, description }
    return this.#record(createMilestoneEvent(event))
  }

  #now(...causedBy: string[]): { simulationId: string; turnNumber: number; causedBy: string[] } {
    return { simulationId: this.#simulationId, turnNumber: this.#turnNumber, causedBy }
  }

  #record(event: TurnlogEvent): string {
    this.#emit(event)
    return event.event_id
  }
}

function chooseStrategy({ gold, grain }: Trader, price: number, mood: number): Strategy {
  const appetite = gold / price - grain + 30 * (mood - 0.5)
  if (appetite > 2 && gold >= price) return 'buy'
  return appetite < -2 && grain > 0 ? 'sell' : 'hold'
}

/** Reproducible numbers in [0, 1): a linear congruential generator, good enough for a demo. */
function createRandom(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state / 2 ** 32
  }
}
