import type { HistogramBucket } from '../../src/query/bucket-counts.js'
import { countHistogram } from '../../src/query/count-histogram.js'
import { getSimulation, type SimulationSummary } from '../../src/query/get-simulation.js'
import { getTotals, type SidecarTotals } from '../../src/query/get-totals.js'
import { listSimulations } from '../../src/query/list-simulations.js'
import { WorkLimit } from '../../src/query/work-limit.js'
import { describeTurns } from '../ls-command.js'
import { noteLag, type OpenRuns } from '../open-runs.js'
import { bytes, number, type Output } from '../output.js'
import { formatTable } from '../table.js'

/** A run as the API shows it, and how its events are spread over its turns. */
export interface RunStats extends SimulationSummary {
  readonly turns: readonly HistogramBucket[]
}

/** Turns are counted in so many parts at the most. */
const MOST_BUCKETS = 20

/** @throws TurnlogError SIMULATION_NOT_FOUND */
export function readRunStats({ reader }: OpenRuns, id: string): Promise<RunStats> {
  const request = { filter: {}, by: 'turn', buckets: MOST_BUCKETS, split: undefined } as const
  return reader.read(async (snapshot) => {
    const summary = await getSimulation(snapshot, id)
    const limit = new WorkLimit({ limitMs: Infinity })
    const { buckets: turns } = await countHistogram(snapshot, id, request, limit)
    return { ...summary, turns }
  })
}

/** Everything a sidecar holds, all runs together. */
export interface AllStats extends SidecarTotals {
  /** Timestamps of the earliest and the latest event; null without events. */
  readonly start_time: string | null
  readonly end_time: string | null
  readonly events_by_type: Readonly<Record<string, number>>
  /** Agents of the same name in different runs are one. */
  readonly events_by_agent: Readonly<Record<string, number>>
}

/** Sums up all runs, as they are at one moment. */
export function readTotals({ reader }: OpenRuns): Promise<AllStats> {
  return reader.read(async (snapshot) => {
    const types = new Map<string, number>()
    const agents = new Map<string, number>()
    const starts: string[] = []
    const ends: string[] = []
    for (const { id } of await listSimulations(snapshot)) {
      const run = await getSimulation(snapshot, id)
      addCounts(types, run.events_by_type)
      addCounts(agents, run.events_by_agent)
      if (run.start_time !== null) starts.push(run.start_time)
      if (run.end_time !== null) ends.push(run.end_time)
    }
    return {
      ...(await getTotals(snapshot)),
      // Spelled as they are, they sort as the instants do.
      start_time: starts.sort()[0] ?? null,
      end_time: ends.sort().at(-1) ?? null,
      events_by_type: Object.fromEntries(types),
      events_by_agent: Object.fromEntries(agents),
    }
  })
}

function addCounts(sums: Map<string, number>, counts: Readonly<Record<string, number>>): void {
  for (const [word, count] of Object.entries(counts)) sums.set(word, (sums.get(word) ?? 0) + count)
}

/** Shows a run to people. */
export function describeRun(stats: RunStats, output: Output): void {
  writeFacts(output, [
    ['run', stats.id],
    ['span', describeSpan(stats)],
    ['turns', describeTurns(stats)],
    ['events', number(stats.event_count)],
    ['segments', number(stats.segments.length)],
    ['rejects', number(stats.reject_count)],
    ['duplicates', number(stats.duplicate_count)],
    ['lag', bytes(stats.lag_bytes)],
  ])
  writeCounts(output, stats)
  const turns = stats.turns.map(({ start, end, count }) => {
    return { word: start === end ? String(start) : `${start}–${end}`, count }
  })
  writeTable(output, 'turn', turns)
  noteLag(output, stats.lag_bytes)
}

/** Shows all runs together to people. */
export function describeTotals(totals: AllStats, output: Output): void {
  writeFacts(output, [
    ['runs', number(totals.simulations)],
    ['span', describeSpan(totals)],
    ['events', number(totals.events)],
    ['segments', number(totals.segments)],
    ['rejects', number(totals.rejects)],
    ['lag', bytes(totals.lag_bytes)],
    ['not searchable', number(totals.search_lag_events)],
  ])
  writeCounts(output, totals)
  noteLag(output, totals.lag_bytes)
}

function writeFacts({ out }: Output, facts: readonly (readonly [string, string])[]): void {
  const width = Math.max(...facts.map(([name]) => name.length))
  const [head, ...rows] = facts.map(([name, value]) => [name.padEnd(width), value])
  out.write(
    formatTable(
      (head ?? []).map((title) => ({ title })),
      rows,
    ),
  )
}

type Counts = Pick<AllStats, 'events_by_type' | 'events_by_agent'>

function writeCounts(output: Output, { events_by_type: types, events_by_agent: agents }: Counts) {
  const words = (counts: Readonly<Record<string, number>>): CountedWord[] =>
    Object.entries(counts).map(([word, count]) => ({ word, count }))
  writeTable(output, 'type', words(types))
  const byCount = words(agents).sort((a, b) => b.count - a.count)
  writeTable(output, 'agent', byCount.slice(0, MOST_AGENTS))
  const more = byCount.length - MOST_AGENTS
  if (more > 0) output.out.write(`… and ${number(more)} more\n`)
}

/** Agents that are shown, those with the most events first; `--json` has them all. */
const MOST_AGENTS = 20
const BAR_WIDTH = 30

interface CountedWord {
  readonly word: string
  readonly count: number
}

/** Counts with a bar each, the longest one for the largest. */
function writeTable({ out }: Output, title: string, counts: readonly CountedWord[]): void {
  if (counts.length === 0) return
  const most = Math.max(...counts.map(({ count }) => count))
  const rows = counts.map(({ word, count }) => [
    word,
    number(count),
    '█'.repeat(Math.ceil((count / most) * BAR_WIDTH)),
  ])
  const columns = [
    { title, maxWidth: 40 },
    { title: 'events', align: 'right' as const },
    { title: '' },
  ]
  out.write(`\n${formatTable(columns, rows)}`)
}

function describeSpan({
  start_time: start,
  end_time: end,
}: Pick<AllStats, 'start_time' | 'end_time'>) {
  return start === null || end === null ? 'no events' : `${start} – ${end}`
}
