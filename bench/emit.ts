import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import {
  type EmitJob,
  type EmitResult,
  emitResultSchema,
  type FilteredJob,
  filteredResultSchema,
  type Pattern,
  PATTERNS,
  type PeerName,
  PEERS,
} from './emit-job.js'
import { median } from './measure.js'
import { runScript } from './run-script.js'

/** A peer that opens and closes its file for each event is given a part of the events only. */
export const SLOW_PEER = { peer: 'appendFileSync', part: 20 } as const
/** Events that the verbosity filters out, in a round. */
export const FILTERED_EVENTS = 3_000_000

/** A peer with a pattern: medians of all rounds, but `dropped` is their sum. */
export interface EmitRow extends EmitResult {
  readonly peer: PeerName
  readonly pattern: Pattern
}

/** What emitting costs, with turnlog and without. */
export interface EmitFigures {
  readonly rows: readonly EmitRow[]
  /** An emit() that the verbosity filters out, in microseconds: median of all rounds. */
  readonly filteredCost: number
}

/**
 * Measures every peer with every pattern, each time in a process of its own;
 * the rounds go by turns, so that a slow minute of the machine hits all alike.
 *
 * @throws Error when a peer lost an event without counting it
 */
export async function measureEmit(
  root: string,
  events: number,
  rounds: number,
): Promise<EmitFigures> {
  const cases = PATTERNS.flatMap((pattern) =>
    PEERS.map((peer) => ({ peer, pattern, results: [] as EmitResult[] })),
  )
  const filteredCosts: number[] = []
  for (let round = 0; round < rounds; round++) {
    for (const { peer, pattern, results } of cases) {
      const directory = join(root, `${peer}, ${pattern}`)
      const share = peer === SLOW_PEER.peer ? Math.ceil(events / SLOW_PEER.part) : events
      results.push(await measurePeer({ peer, pattern, events: share, directory }))
    }
    const directory = join(root, 'filtered')
    filteredCosts.push(await measureFiltered({ events: FILTERED_EVENTS, directory }))
  }
  return {
    rows: cases.map(({ peer, pattern, results }) => ({ peer, pattern, ...sumUp(results) })),
    filteredCost: median(filteredCosts),
  }
}

function measurePeer(job: EmitJob): Promise<EmitResult> {
  return inDirectory(job, async () =>
    emitResultSchema.parse(await runScript('./emit-peer.js', job)),
  )
}

async function measureFiltered(job: FilteredJob): Promise<number> {
  const { cost } = await inDirectory(job, async () =>
    filteredResultSchema.parse(await runScript('./emit-filtered.js', job)),
  )
  return cost
}

async function inDirectory<R>(
  { directory }: { readonly directory: string },
  measure: () => Promise<R>,
): Promise<R> {
  mkdirSync(directory, { recursive: true })
  try {
    return await measure()
  } finally {
    rmSync(directory, { recursive: true })
  }
}

function sumUp(results: readonly EmitResult[]): EmitResult {
  const middle = (figure: (result: EmitResult) => number): number => median(results.map(figure))
  return {
    p50: middle(({ p50 }) => p50),
    p99: middle(({ p99 }) => p99),
    p999: middle(({ p999 }) => p999),
    rate: middle(({ rate }) => rate),
    // A median would keep silent about a drop in one round.
    dropped: results.reduce((sum, { dropped }) => sum + dropped, 0),
    memory: middle(({ memory }) => memory),
    bytesPerLine: middle(({ bytesPerLine }) => bytesPerLine),
  }
}
