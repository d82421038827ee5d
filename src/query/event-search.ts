import { type RawBuilder, sql, type SqlBool } from 'kysely'
import { TurnlogError } from '../errors.js'
import type { Snapshot } from '../sidecar/sidecar-reader.js'
import { matchTexts } from '../sidecar/text-matcher.js'
import { idList } from './id-list.js'
import { indexExpression } from './index-expression.js'
import { createLookup, GAP, type IndexLookup } from './index-lookup.js'
import type { Rest, RowTest } from './look-through.js'
import { coverRows, type RowSpan } from './row-spans.js'
import { searchExpression, type SearchQuery } from './search-query.js'
import { withSearchTables } from './search-tables.js'
import type { SimulationRef } from './simulation-row.js'

/** So many events of a run may be missing in the index: their texts are read for each search. */
const MOST_MISSING = 5_000
/** Among how many rows, of whatever run, missing ones are looked for at once. */
const MISSING_AMONG = 8_192
/** How many texts are read at once. */
const TEXTS_AT_ONCE = 250

/** To look up so many phrases takes as long as to read and match a text. */
const PHRASES_PER_TEXT = 4

/** Where words are looked for. */
export interface SearchPlace {
  readonly simulation: SimulationRef
  readonly span: RowSpan
  /** Is called again and again. */
  readonly rest: Rest
  /** Rows × words that one question to the index may go through. */
  readonly mostSteps?: number
}

/** What the index is good for. */
interface IndexState {
  readonly index: SearchedIndex | undefined
  readonly lastRow: number
  readonly missing: readonly number[]
}

/** The index, and how much there is to look up in it. */
interface SearchedIndex {
  readonly lookup: IndexLookup
  readonly phrases: number
}

/**
 * Finds the events that have some words: in the full-text index as far as it
 * has come, in the texts themselves behind that.
 */
export class EventSearch implements RowTest {
  readonly #snapshot: Snapshot
  readonly #inTexts: string
  /** Undefined where the index is of no use. */
  readonly #index: SearchedIndex | undefined
  /** The last row that the index has. */
  readonly #lastRow: number
  /** The rows of the run that the index does not have, whatever their words. */
  readonly missing: readonly number[]

  private constructor(
    snapshot: Snapshot,
    query: SearchQuery,
    { index, lastRow, missing }: IndexState,
  ) {
    this.#snapshot = snapshot
    this.#inTexts = searchExpression(query)
    this.#index = index
    this.#lastRow = lastRow
    this.missing = missing
  }

  /**
   * @param span the row ids between which all events are that will be looked at
   * @throws TurnlogError SEARCH_UNAVAILABLE when the index lacks too many of the run's events, or
   *   what `rest` throws
   */
  static async open(
    snapshot: Snapshot,
    query: SearchQuery,
    { simulation, span, rest, mostSteps }: SearchPlace,
  ): Promise<EventSearch> {
    const progress = await snapshot
      .selectFrom('search_progress')
      .select('last_row')
      .executeTakeFirst()
    const lastRow = progress?.last_row ?? 0
    const behind = { first: Math.max(span.first, lastRow + 1), last: span.last }
    const missing = await readMissing(snapshot, simulation, behind, rest)
    const inIndex = await indexExpression(snapshot, query, rest)
    const index = inIndex && {
      lookup: createLookup(snapshot, inIndex, { lastRow, mostSteps }),
      phrases: inIndex.phrases,
    }
    return new EventSearch(snapshot, query, { index, lastRow, missing })
  }

  async narrow(rows: readonly number[]): Promise<number[]> {
    const indexed = rows.filter((row) => row <= this.#lastRow)
    const phrases = coverRows(indexed, GAP).length * (this.#index?.phrases ?? Infinity)
    const isInIndex = phrases <= indexed.length * PHRASES_PER_TEXT
    const found = new Set([
      ...(isInIndex ? await this.#findIndexed(indexed) : []),
      ...(await this.#findInTexts(isInIndex ? rows.filter((row) => row > this.#lastRow) : rows)),
    ])
    return rows.filter((row) => found.has(row))
  }

  /**
   * The rows of all events that have the words, of whatever run.
   *
   * @param most so many are worth the while
   * @param span where they are looked for
   * @returns undefined when there are more, or the index is of no use
   * @throws what `rest` throws
   */
  async findAll(most: number, span: RowSpan, rest: Rest): Promise<number[] | undefined> {
    if (this.#index === undefined) return undefined
    const { lookup } = this.#index
    const indexed = { first: span.first, last: Math.min(span.last, this.#lastRow) }
    const rows = await lookup.findAll(most, indexed, rest)
    return rows === undefined || lookup.isExact ? rows : this.#findInTexts(rows, rest)
  }

  async #findIndexed(rows: readonly number[]): Promise<readonly number[]> {
    if (this.#index === undefined || rows.length === 0) return []
    const { lookup } = this.#index
    const found = await lookup.narrow(rows)
    return lookup.isExact ? found : this.#findInTexts(found)
  }

  async #findInTexts(rows: readonly number[], rest?: Rest): Promise<number[]> {
    const found: number[] = []
    for (let start = 0; start < rows.length; start += TEXTS_AT_ONCE) {
      const texts = await this.#readTexts(rows.slice(start, start + TEXTS_AT_ONCE))
      const matching = matchTexts(this.#inTexts, texts)
      found.push(...texts.filter((_, index) => matching[index]).map(({ id }) => id))
      await rest?.()
    }
    return found
  }

  #readTexts(rows: readonly number[]) {
    return withSearchTables(this.#snapshot)
      .selectFrom('event_text')
      .selectAll()
      .where('id', 'in', idList(rows))
      .execute()
  }
}

/** The rows of a run in a span. @throws TurnlogError SEARCH_UNAVAILABLE when they are too many */
async function readMissing(
  snapshot: Snapshot,
  simulation: SimulationRef,
  span: RowSpan,
  rest: Rest,
): Promise<number[]> {
  const newest = await snapshot
    .selectFrom('event')
    .select((eb) => eb.fn.max<number | null>('id').as('id'))
    .executeTakeFirst()
  const last = Math.min(span.last, newest?.id ?? 0)
  const missing: number[] = []
  for (let first = span.first; first <= last; first += MISSING_AMONG) {
    const rows = await snapshot
      .selectFrom('event')
      .select('id')
      .where('id', '>=', first)
      .where('id', '<=', Math.min(first + MISSING_AMONG - 1, last))
      .where(isOfRun(simulation))
      .orderBy('id')
      .execute()
    for (const { id } of rows) missing.push(id)
    if (missing.length > MOST_MISSING) throw farBehind(simulation)
    await rest()
  }
  return missing
}

/** The plus keeps SQLite from an index: it would look through all of the run for some rows. */
function isOfRun({ id }: SimulationRef): RawBuilder<SqlBool> {
  return sql<SqlBool>`+simulation = ${id}`
}

function farBehind({ name }: SimulationRef): TurnlogError {
  return new TurnlogError('SEARCH_UNAVAILABLE', {
    message: `more than ${MOST_MISSING} events of ${JSON.stringify(name)} are not in the full-text index yet`,
    hint: 'search again when the index has caught up, or index without --no-search',
  })
}
