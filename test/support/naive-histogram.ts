import type { Histogram } from '#src/query/bucket-counts.js'
import type { HistogramRequest } from '#src/query/count-histogram.js'
import { filterNaively, type NaiveEvent } from './naive.js'

/** Counts by looking at every event for every bucket; what an index is held against. */
export function countNaively(
  events: readonly NaiveEvent[],
  { filter, by, buckets, split }: HistogramRequest,
): Histogram {
  const valueOf = ({ turn, position }: NaiveEvent): bigint =>
    BigInt(by === 'turn' ? turn : position.timestamp)
  const matching = filterNaively(events, filter)
  if (matching.length === 0) return { total: 0, buckets: [] }

  const { startTimestamp, endTimestamp, turnStart, turnEnd } = filter
  const bounds = { startTimestamp, endTimestamp, turnStart, turnEnd }
  const values = filterNaively(events, bounds).map(valueOf)
  const least = values.reduce((a, b) => (a < b ? a : b))
  const most = values.reduce((a, b) => (a > b ? a : b))
  // The narrowest that is wide enough.
  let width = (most - least + 1n) / BigInt(buckets)
  if (width * BigInt(buckets) < most - least + 1n) width++

  const ranges: [start: bigint, end: bigint][] = []
  for (let start = least; start <= most; start += width) {
    const end = start + width - 1n
    ranges.push([start, end < most ? end : most])
  }
  return {
    total: matching.length,
    buckets: ranges.map(([start, end]) => {
      const inside = matching.filter((event) => valueOf(event) >= start && valueOf(event) <= end)
      const names = inside.map(({ type, agentId = '' }) => (split === 'type' ? type : agentId))
      return {
        start: Number(start),
        end: Number(end),
        count: inside.length,
        ...(split === undefined ? {} : { split: tally(names) }),
      }
    }),
  }
}

/** How often each of some words is there. */
export function tally(words: readonly string[]): Record<string, number> {
  const counts = new Map<string, number>()
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1)
  return Object.fromEntries(counts)
}
