import { KIND_KEYS } from '../event/event-type.js'
import { wholeDetails } from '../event/stored-parts.js'
import type { Snapshot } from '../sidecar/sidecar-reader.js'
import { readCellWords } from './cell-words.js'
import { type DetailsTest, passesTests } from './details-test.js'
import { isNumberText } from '../event/decimal.js'
import type { RowTest } from './look-through.js'
import { coverRows, spanTable } from './row-spans.js'

/** Rows nearer to each other are read together. */
const GAP = 2

/** Details do not hold these where they are stored: the cell of an event does. */
const KIND_KEY_NAMES: ReadonlySet<string> = new Set(Object.values(KIND_KEYS))

const INDEX = /^\d+$/

/** Finds the events whose details have some values, by reading the details. */
export class DetailsFilter implements RowTest {
  readonly #snapshot: Snapshot
  readonly #tests: readonly DetailsTest[]
  readonly #pieces: readonly string[]

  constructor(snapshot: Snapshot, tests: readonly DetailsTest[]) {
    this.#snapshot = snapshot
    this.#tests = tests
    this.#pieces = [...new Set(tests.flatMap(piecesOf))]
  }

  async narrow(rows: readonly number[]): Promise<number[]> {
    const stored = await this.#readDetails(rows)
    const wordsOf = await readCellWords(
      this.#snapshot,
      stored.map(({ cell }) => cell),
    )
    const passing = new Set<number>()
    for (const { id, cell, details } of stored) {
      const { type, kind } = wordsOf(cell)
      const whole = wholeDetails({ details, type, kind })
      if (whole !== null && passesTests(whole, this.#tests)) passing.add(id)
    }
    return rows.filter((row) => passing.has(row))
  }

  /** Of these rows and some between them: the details that may pass, as they are stored. */
  #readDetails(rows: readonly number[]) {
    return this.#snapshot
      .selectFrom(spanTable(coverRows(rows, GAP)))
      .crossJoin('event')
      .select(['event.id', 'event.cell', 'event.details'])
      .whereRef('event.id', '>=', 'span.first')
      .whereRef('event.id', '<=', 'span.last')
      .where('event.details', 'is not', null)
      .where((eb) =>
        eb.or([
          eb(eb.fn<number>('instr', ['event.details', eb.val('\\')]), '>', 0),
          eb.and(
            this.#pieces.map((piece) =>
              eb(eb.fn<number>('instr', ['event.details', eb.val(piece)]), '>', 0),
            ),
          ),
        ]),
      )
      .execute()
  }
}

/**
 * What stands in details that pass a test, as long as nothing in them is
 * escaped: SQLite finds it in less time than it takes to read them.
 */
function piecesOf({ path, value }: DetailsTest): string[] {
  const [last = ''] = path.slice(-1)
  if (path.length === 1 && KIND_KEY_NAMES.has(last)) return []
  // A number may be the index of an item, which stands nowhere.
  const keys = path.filter((key) => !INDEX.test(key)).slice(-1)
  const isString = !isNumberText(value) && !['true', 'false', 'null'].includes(value)
  return [...keys, ...(isString ? [value] : [])].map((text) => `"${text}"`)
}
