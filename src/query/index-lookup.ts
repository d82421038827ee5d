import type { Snapshot } from '../sidecar/sidecar-reader.js'
import type { ExpressionParts, IndexExpression } from './index-expression.js'
import { findIndexedRows, findNextRows, findRowsUpTo } from './indexed-rows.js'
import type { Rest } from './look-through.js'
import { coverRows, type RowSpan } from './row-spans.js'

/** Asks the full-text index which rows a search matches. */
export interface IndexLookup {
  /** Whether what it finds matches; otherwise its text is still to be looked at. */
  readonly isExact: boolean
  /** Of some row ids, those that it finds. */
  narrow(rows: readonly number[]): Promise<number[]>
  /**
   * All rows that it finds in a span, of whatever run.
   *
   * @param most so many are worth the while
   * @returns undefined when there may be more
   * @throws what `rest` throws
   */
  findAll(most: number, span: RowSpan, rest: Rest): Promise<number[] | undefined>
}

/** Row ids nearer to each other are looked for together: going on is quicker than beginning anew. */
export const GAP = 128
/** How many rows are narrowed at once: to find a word at a place takes up to 0.4 ms. */
const ROWS_AT_ONCE = 100
/** FTS5 goes through so many, each a word in a row, within about a second. */
const MOST_STEPS = 30_000_000

/** Where a search is looked up. */
export interface LookupOptions {
  /** The last row that the index has. */
  readonly lastRow: number
  /** Rows × words that one question to the index may go through. */
  readonly mostSteps?: number | undefined
}

/**
 * Puts a search to the index as a whole where that takes a second at the most.
 * FTS5 goes on until it finds a match, without a rest: where there are many
 * rows, each word is looked for by itself; that takes longer, but never all at once.
 */
export function createLookup(
  snapshot: Snapshot,
  search: IndexExpression,
  { lastRow, mostSteps = MOST_STEPS }: LookupOptions,
): IndexLookup {
  return lastRow * search.words <= mostSteps
    ? new WholeLookup(snapshot, search.expression, lastRow)
    : new PartLookup(snapshot, search.parts)
}

const NOWHERE: RowSpan = { first: 0, last: -1 }

/** Asks for all of a search at once. */
class WholeLookup implements IndexLookup {
  readonly isExact = true
  readonly #snapshot: Snapshot
  readonly #expression: string
  readonly #lastRow: number
  /** Rows of which it is known that none is found. */
  #empty = NOWHERE

  constructor(snapshot: Snapshot, expression: string, lastRow: number) {
    this.#snapshot = snapshot
    this.#expression = expression
    this.#lastRow = lastRow
  }

  async narrow(ids: readonly number[]): Promise<number[]> {
    const spans = coverRows(ids, GAP)
    const { first } = spans[0] ?? NOWHERE
    const { last } = spans.at(-1) ?? NOWHERE
    if (this.#empty.first <= first && last <= this.#empty.last) return []
    const found = new Set(await findIndexedRows(this.#snapshot, this.#expression, spans))
    // Of a long way to the next match, it would be gone for each part of it.
    if (found.size === 0) this.#empty = await this.#emptyAround(first)
    return ids.filter((id) => found.has(id))
  }

  findAll(most: number, span: RowSpan, rest: Rest): Promise<number[] | undefined> {
    return findRowsUpTo(this.#snapshot, this.#expression, span, most, rest)
  }

  /** The rows around one, without a match. */
  async #emptyAround(row: number): Promise<RowSpan> {
    const before = { first: 1, last: row }
    const behind = { first: row, last: this.#lastRow }
    const [previous = 0] = await this.#findNext(before, 'desc')
    const [next = Infinity] = await this.#findNext(behind, 'asc')
    return { first: previous + 1, last: next - 1 }
  }

  #findNext(span: RowSpan, order: 'asc' | 'desc'): Promise<number[]> {
    return findNextRows(this.#snapshot, this.#expression, span, order, 1)
  }
}

/** Asks for one word after the other, each only where all before it are. */
class PartLookup implements IndexLookup {
  readonly isExact: boolean
  readonly #snapshot: Snapshot
  readonly #parts: ExpressionParts

  constructor(snapshot: Snapshot, parts: ExpressionParts) {
    this.#snapshot = snapshot
    this.#parts = parts
    this.isExact = parts.isExact
  }

  async narrow(ids: readonly number[]): Promise<number[]> {
    const { wanted, unwanted } = this.#parts
    let left = [...ids]
    for (const word of wanted) {
      const found = await this.#find(word, left)
      left = left.filter((id) => found.has(id))
    }
    for (const word of unwanted) {
      const found = await this.#find(word, left)
      left = left.filter((id) => !found.has(id))
    }
    return left
  }

  async findAll(most: number, span: RowSpan, rest: Rest): Promise<number[] | undefined> {
    const rows = await this.#findRarest(most, span, rest)
    if (rows === undefined) return undefined
    const found: number[] = []
    for (let start = 0; start < rows.length; start += ROWS_AT_ONCE) {
      found.push(...(await this.narrow(rows.slice(start, start + ROWS_AT_ONCE))))
      await rest()
    }
    return found
  }

  /** The rows of a word that is rare, if there is one. */
  async #findRarest(most: number, span: RowSpan, rest: Rest): Promise<number[] | undefined> {
    let rarest: number[] | undefined
    let bound = most
    for (const word of this.#parts.wanted) {
      const rows = await findRowsUpTo(this.#snapshot, word, span, bound, rest)
      if (rows === undefined) continue
      rarest = rows
      bound = rows.length
    }
    return rarest
  }

  async #find(word: string, ids: readonly number[]): Promise<ReadonlySet<number>> {
    return new Set(await findIndexedRows(this.#snapshot, word, coverRows(ids, GAP)))
  }
}
