/**
 * A process that plays one simulation at DETAIL, by hand or by the
 * orchestrator: takes an `OrchestrateJob` as its argument, prints an
 * `OrchestrateResult`. Both record the same events with the same links.
 */
import {
  createActionEvent,
  createDecisionEvent,
  createDetailEvent,
  createMilestoneEvent,
  createStateEvent,
} from '../src/event/builders.js'
import type { TurnlogEvent } from '../src/event/event-schema.js'
import type { Agent } from '../src/simulation/agent.js'
import type { Engine } from '../src/simulation/engine.js'
import { SimulationOrchestrator } from '../src/simulation/simulation-orchestrator.js'
import { EventWriter } from '../src/writer/event-writer.js'
import type { WriterStats } from '../src/writer/writer-stats.js'
import { type OrchestrateJob, orchestrateJobSchema, type OrchestrateResult } from './orchestrate.js'

const AGENTS = Array.from({ length: 100 }, (_, index) => `agent_${index}`)
/** Room for all, so that the disk has no say in what is measured. */
const QUEUE = { maxQueueSize: 2_000_000, maxQueueBytes: 2 ** 29 }

interface World {
  readonly agents: Record<string, { gold: number }>
}

function start(): World {
  return { agents: Object.fromEntries(AGENTS.map((id) => [id, { gold: 0 }])) }
}

function priceOf(turnNumber: number, gold: number): number {
  return 1 + ((turnNumber + gold) % 7)
}

function playByHand({ turns, directory }: OrchestrateJob): Promise<WriterStats> {
  const simulationId = 'by-hand'
  const writer = new EventWriter({
    outputDir: directory,
    simulationId,
    verbosity: 'DETAIL',
    ...QUEUE,
  })
  writer.start()
  const emit = (event: TurnlogEvent): string => {
    writer.emit(event)
    return event.event_id
  }
  const world = start()
  const first = { simulationId, turnNumber: 0 }
  let last = emit(createMilestoneEvent({ ...first, milestoneType: 'simulation_start' }))
  for (const id of AGENTS) {
    const gold = { variableName: 'gold', oldValue: null, newValue: 0, scope: 'agent' } as const
    emit(createStateEvent({ ...first, agentId: id, ...gold, causedBy: [last] }))
  }
  for (let turnNumber = 1; turnNumber <= turns; turnNumber++) {
    const now = { simulationId, turnNumber }
    const turnStart = emit(
      createMilestoneEvent({ ...now, milestoneType: 'turn_start', causedBy: [last] }),
    )
    const actions = AGENTS.map((agentId) => {
      const price = priceOf(turnNumber, world.agents[agentId]?.gold ?? 0)
      const sum = emit(
        createDetailEvent({
          ...now,
          agentId,
          calculationType: 'price',
          intermediateValues: { price },
          causedBy: [turnStart],
        }),
      )
      const decision = emit(
        createDecisionEvent({
          ...now,
          agentId,
          decisionType: 'price',
          newValue: price,
          causedBy: [sum],
        }),
      )
      return emit(
        createActionEvent({
          ...now,
          agentId,
          actionType: 'sell',
          actionPayload: { price },
          causedBy: [decision],
        }),
      )
    })
    const phase = { milestoneType: 'phase_transition', details: { phase: 'resolution' } } as const
    emit(createMilestoneEvent({ ...now, ...phase, causedBy: actions }))
    const changes = AGENTS.map((agentId, index) => {
      const goods = world.agents[agentId] ?? { gold: 0 }
      const oldValue = goods.gold
      goods.gold += priceOf(turnNumber, goods.gold)
      return emit(
        createStateEvent({
          ...now,
          agentId,
          variableName: 'gold',
          oldValue,
          newValue: goods.gold,
          scope: 'agent',
          causedBy: [actions[index] ?? ''],
        }),
      )
    })
    last = emit(createMilestoneEvent({ ...now, milestoneType: 'turn_end', causedBy: changes }))
  }
  const end = { simulationId, turnNumber: turns, causedBy: [last] }
  emit(createMilestoneEvent({ ...end, milestoneType: 'simulation_end' }))
  return writer.stop().then(({ stats }) => stats)
}

async function orchestrate({ turns, directory }: OrchestrateJob): Promise<WriterStats> {
  const engine: Engine<World> = {
    start,
    playTurn: (world, { actions, apply, turnNumber }) => {
      for (const action of actions) {
        apply(action, (state) => {
          const goods = state.agents[action.agentId]
          if (goods !== undefined) goods.gold += priceOf(turnNumber, goods.gold)
          return state
        })
      }
      return world
    },
  }
  const agents = AGENTS.map((id): Agent<World> => ({
    id,
    decide: ({ state, turnNumber, calculate }) => {
      const price = priceOf(turnNumber, state.agents[id]?.gold ?? 0)
      calculate('price', { price })
      return {
        decisions: [{ type: 'price', value: price }],
        actions: [{ type: 'sell', payload: { price } }],
      }
    },
  }))
  const config = { name: 'orchestrated', turns }
  const options = { config, engine, agents, outputRoot: directory, writer: QUEUE }
  const { recording } = await new SimulationOrchestrator({
    ...options,
    eventVerbosity: 'DETAIL',
  }).run()
  return recording.stats
}

async function measure(job: OrchestrateJob): Promise<OrchestrateResult> {
  const startedAt = performance.now()
  const { written, dropped } = await (job.by === 'hand' ? playByHand(job) : orchestrate(job))
  const micros = (performance.now() - startedAt) * 1000
  if (dropped > 0) throw new Error(`dropped ${dropped} events`)
  return { events: written, cost: micros / written }
}

const result = await measure(orchestrateJobSchema.parse(JSON.parse(process.argv[2] ?? '')))
process.stdout.write(JSON.stringify(result))
