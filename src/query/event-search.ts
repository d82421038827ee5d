import { type RawBuilder, sql, type SqlBool } from 'kysely'
import { TurnlogError } from '../errors.js'
import type { Snapshot } from '../sidecar/sidecar-reader.js'
import { matchTexts } from '../sidecar/text-matcher.js'
import { idList } from './id-list.js'
import { type IndexExpression, indexExpression } from './index-expression.js'
import type { Rest, RowTest } from './look-through.js'
import type { PageOrder } from './page-cursor.js'
import { coverRows, type RowSpan, spanTable } from './row-spans.js'
import { searchExpression, type SearchQuery } from './search-query.js'
import { withSearchTables } from './search-tables.js'
import type { SimulationRef } from './simulation-row.js'

/** So many events of a run may be missing in the index: their texts are read for each search. */
const MOST_MISSING = 5_000
/** Among how many rows, of whatever run, missing ones are looked for at once. */
const MISSING_AMONG = 8_192
/** How many texts are read at once. */
const TEXTS_AT_ONCE = 250

/** Row ids nearer to each other are looked for together: going on is quicker than beginning anew. */
const GAP = 128
/** To look up so many phrases takes as long as to read and match a text. */
const PHRASES_PER_TEXT = 4
/** How many rows are found at once. */
const ROWS_AT_ONCE = 1_000

const NOWHERE: RowSpan = { first: 0, last: -1 }

/** Where words are looked for. */
export interface SearchPlace {
  readonly simulation: SimulationRef
  readonly span: RowSpan
  /** Is called again and again. */
  readonly rest: Rest
}

/** What the index is good for. */
interface IndexState {
  readonly inIndex: IndexExpression | undefined
  readonly lastRow: number
  readonly missing: readonly number[]
}

/**
 * Finds the events that have some words: in the full-text index as far as it
 * has come, in the texts themselves behind that.
 */
export class EventSearch implements RowTest {
  readonly #snapshot: Snapshot
  readonly #inTexts: string
  /** Undefined where the index is of no use. */
  readonly #inIndex: IndexExpression | undefined
  /** The last row that the index has. */
  readonly #lastRow: number
  /** The rows of the run that the index does not have, whatever their words. */
  readonly missing: readonly number[]
  /** Rows of which it is known that none is found in the index. */
  #empty = NOWHERE

  private constructor(
    snapshot: Snapshot,
    query: SearchQuery,
    { inIndex, lastRow, missing }: IndexState,
  ) {
    this.#snapshot = snapshot
    this.#inTexts = searchExpression(query)
    this.#inIndex = inIndex
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
    { simulation, span, rest }: SearchPlace,
  ): Promise<EventSearch> {
    const progress = await snapshot
      .selectFrom('search_progress')
      .select('last_row')
      .executeTakeFirst()
    const lastRow = progress?.last_row ?? 0
    const behind = { first: Math.max(span.first, lastRow + 1), last: span.last }
    const missing = await readMissing(snapshot, simulation, behind, rest)
    const inIndex = await indexExpression(snapshot, query, rest)
    return new EventSearch(snapshot, query, { inIndex, lastRow, missing })
  }

  async narrow(rows: readonly number[]): Promise<number[]> {
    const indexed = rows.filter((row) => row <= this.#lastRow)
    const spans = coverRows(indexed, GAP)
    const phrases = spans.length * (this.#inIndex?.phrases ?? Infinity)
    const inIndex = phrases <= indexed.length * PHRASES_PER_TEXT ? spans : []
    const inTexts = inIndex === spans ? rows.filter((row) => row > this.#lastRow) : rows
    const found = new Set([
      ...(await this.#findIndexed(inIndex)),
      ...(await this.#findInTexts(inTexts)),
    ])
    return rows.filter((row) => found.has(row))
  }

  /**
   * The rows of all events that have the words, of whatever run.
   *
   * @param most so many are worth the while
   * @param span where they are looked for
   * @returns undefined when there are more, or the index is of no use
   */
  async findAll(most: number, span: RowSpan, rest: Rest): Promise<number[] | undefined> {
    if (this.#inIndex === undefined) return undefined
    const found: number[] = []
    const last = Math.min(span.last, this.#lastRow)
    for (let first = span.first; first <= last;) {
      const rows = await this.#findNext({ first, last }, 'asc', ROWS_AT_ONCE)
      found.push(...rows)
      if (found.length > most) return undefined
      if (rows.length < ROWS_AT_ONCE) break
      first = (rows.at(-1) ?? last) + 1
      await rest()
    }
    return found
  }

  /** Of the rows in some spans. */
  async #findIndexed(spans: readonly RowSpan[]): Promise<readonly number[]> {
    const { first } = spans[0] ?? NOWHERE
    const { last } = spans.at(-1) ?? NOWHERE
    const isEmpty = this.#empty.first <= first && last <= this.#empty.last
    if (spans.length === 0 || isEmpty) return []
    const found = await withSearchTables(this.#snapshot)
      .selectFrom(spanTable(spans))
      .crossJoin('event_search')
      // As one text: to take apart a row for each would take longer than to find it.
      .select(sql<string>`json_group_array(event_search.rowid)`.as('rows'))
      .where(this.#matches)
      .whereRef('event_search.rowid', '>=', 'span.first')
      .whereRef('event_search.rowid', '<=', 'span.last')
      .executeTakeFirstOrThrow()
    const rows = JSON.parse(found.rows) as number[]
    // FTS5 looks for a match also behind the bound it is given: of a long way to the next one, that
    // would be once for each part of it.
    if (rows.length === 0) this.#empty = await this.#emptyAround(first)
    return rows
  }

  /** The rows around one, without a match. */
  async #emptyAround(row: number): Promise<RowSpan> {
    const [before = 0] = await this.#findNext({ first: 1, last: row }, 'desc', 1)
    const [behind = Infinity] = await this.#findNext({ first: row, last: this.#lastRow }, 'asc', 1)
    return { first: before + 1, last: behind - 1 }
  }

  async #findNext({ first, last }: RowSpan, order: PageOrder, most: number): Promise<number[]> {
    const rows = await withSearchTables(this.#snapshot)
      .selectFrom('event_search')
      .select('rowid')
      .where(this.#matches)
      // A parameter is no integer to FTS5, and no bound.
      .where('rowid', '>=', (eb) => eb.cast<number>(eb.val(first), 'integer'))
      .where('rowid', '<=', (eb) => eb.cast<number>(eb.val(last), 'integer'))
      .orderBy('rowid', order)
      .limit(most)
      .execute()
    return rows.map(({ rowid }) => rowid)
  }

  get #matches(): RawBuilder<boolean> {
    return sql<boolean>`event_search MATCH ${this.#inIndex?.expression ?? ''}`
  }

  async #findInTexts(rows: readonly number[]): Promise<number[]> {
    const found: number[] = []
    for (let start = 0; start < rows.length; start += TEXTS_AT_ONCE) {
      const texts = await this.#readTexts(rows.slice(start, start + TEXTS_AT_ONCE))
      const matching = matchTexts(this.#inTexts, texts)
      found.push(...texts.filter((_, index) => matching[index]).map(({ id }) => id))
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
