import type { Snapshot } from '../sidecar/sidecar-reader.js'
import { DetailsFilter } from './details-filter.js'
import type { EventFilter } from './event-filter.js'
import { EventSearch } from './event-search.js'
import { FoundEvents, readFoundEvents } from './found-events.js'
import { type Candidates, lookThrough, type Rest, type RowTest } from './look-through.js'
import { MatchingEvents } from './matching-events.js'
import type { Matches } from './matches.js'
import type { RowSpan } from './row-spans.js'
import type { SimulationRef } from './simulation-row.js'

/** Among so many events, words are looked for without asking the index where else they are. */
const FEW = 1_000
/** So many events that have some words are put in order; words that are in more are frequent. */
const MOST_FOUND = 20_000

/** How candidates are found. */
export interface CandidateOptions {
  /** Is called again and again. */
  readonly rest: Rest
  /** Whether words may be rare: then the index is asked for all events that have them. */
  readonly mayBeRare: boolean
}

/**
 * Narrows the events of a run down to those that a filter may match, without
 * looking at each of them.
 *
 * @throws TurnlogError SEARCH_UNAVAILABLE, or what `rest` throws
 */
export async function findCandidates(
  snapshot: Snapshot,
  simulation: SimulationRef,
  filter: EventFilter,
  { rest, mayBeRare }: CandidateOptions,
): Promise<Candidates> {
  const matching = await MatchingEvents.find(snapshot, simulation, filter)
  const { search: query, details } = filter
  const inDetails: RowTest[] = details === undefined ? [] : [new DetailsFilter(snapshot, details)]
  if (query === undefined) return { snapshot, matches: matching, tests: inDetails }

  const span = await spanOf(simulation, matching)
  const search = await EventSearch.open(snapshot, query, { simulation, span, rest })
  if (mayBeRare && matching.total > FEW) {
    const place: Place = { snapshot, simulation, matching, span, filter, rest }
    const found = await findRare(search, place)
    if (found !== undefined) return { snapshot, matches: found, tests: inDetails }
  }
  return { snapshot, matches: matching, tests: [search, ...inDetails] }
}

/** Where events with some words are looked for. */
interface Place {
  readonly snapshot: Snapshot
  readonly simulation: SimulationRef
  readonly matching: MatchingEvents
  readonly span: RowSpan
  readonly filter: EventFilter
  readonly rest: Rest
}

/** The events that have some words and match a filter otherwise; undefined where the words are frequent. */
async function findRare(search: EventSearch, place: Place): Promise<Matches | undefined> {
  const { snapshot, simulation, matching, span, rest } = place
  const rows = await search.findAll(MOST_FOUND, span, rest)
  if (rows === undefined) return undefined
  const filter = { ...place.filter, cells: matching.cells }
  const read = (ids: readonly number[]) => readFoundEvents(snapshot, simulation, ids, filter, rest)
  const certain = await read(rows)
  const possible = await read(search.missing)
  const found = new Set<number>()
  const candidates = { snapshot, matches: new FoundEvents(possible), tests: [search] }
  for await (const part of lookThrough(candidates, 'asc', 0, possible.length)) {
    for (const row of part.rows) found.add(row)
    await rest()
  }
  return new FoundEvents([...certain, ...possible.filter(({ id }) => found.has(id))])
}

/** The row ids among which those of a filter's matches are. */
async function spanOf(simulation: SimulationRef, matching: MatchingEvents): Promise<RowSpan> {
  if (matching.total === 0) return { first: 1, last: 0 }
  if (!simulation.ordered) return { first: 1, last: Number.MAX_SAFE_INTEGER }
  const [first = 1] = await matching.rows(0, 1)
  const [last = first] = await matching.rows(matching.total - 1, matching.total)
  return { first, last }
}
