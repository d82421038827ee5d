import type { EventCell } from '../sidecar/event-cell.js'
import type { Snapshot } from '../sidecar/sidecar-reader.js'
import { readCellWords } from './cell-words.js'
import { type Aspect, aspectOf, COMPARED_TYPES, type ComparedEvent } from './compared-event.js'

/** Turns from one to another, both inclusive. */
export interface TurnRange {
  readonly first: number
  readonly last: number
}

/** How a run is read. */
export interface TurnReaderOptions {
  readonly turns: TurnRange
  /** Called before each piece; what it throws ends the reading. */
  readonly pause: () => Promise<void>
}

/** Events of a piece: what is read within a few milliseconds. */
const PIECE = 500

/** Reads a run turn by turn and piece by piece, however its turns are scattered in time. */
export class TurnReader {
  readonly #snapshot: Snapshot
  readonly #simulation: number
  readonly #options: TurnReaderOptions
  #rows: readonly TurnRow[] = []
  /** How many of the rows are taken. */
  #taken = 0
  /** The last row that was read. */
  #last: TurnRow | undefined
  /** Whether there may be more of its turn. */
  #isWithinTurn = false
  #isOver = false

  constructor(snapshot: Snapshot, simulation: number, options: TurnReaderOptions) {
    this.#snapshot = snapshot
    this.#simulation = simulation
    this.#options = options
  }

  /** The turn of the next event, whatever its type; undefined behind the last one. */
  async nextTurn(): Promise<number | undefined> {
    while (this.#taken === this.#rows.length && !this.#isOver) await this.#readPiece()
    return this.#rows[this.#taken]?.turn
  }

  /** Some more events of a turn, of these aspects; none when the turn is over. */
  async take(turn: number, aspects: ReadonlySet<Aspect>): Promise<ComparedEvent[]> {
    while ((await this.nextTurn()) === turn) {
      const rest = this.#rows.slice(this.#taken)
      const next = rest.findIndex((row) => row.turn !== turn)
      const rows = next === -1 ? rest : rest.slice(0, next)
      this.#taken += rows.length
      const events = await this.#toEvents(rows, aspects)
      if (events.length > 0) return events
    }
    return []
  }

  async #readPiece(): Promise<void> {
    const { turns, pause } = this.#options
    await pause()
    const last = this.#last
    const query = selectRows(this.#snapshot, this.#simulation)
    let rows: TurnRow[]
    if (last !== undefined && this.#isWithinTurn) {
      rows = await query
        .where('event.turn', '=', last.turn)
        .where('event.id', '>', last.id)
        .orderBy('event.id')
        .execute()
    } else {
      rows = await query
        .where('event.turn', '>=', last === undefined ? turns.first : last.turn + 1)
        .where('event.turn', '<=', turns.last)
        .orderBy('event.turn')
        .orderBy('event.id')
        .execute()
      this.#isOver = rows.length < PIECE
    }
    const odd = rows.find((row) => !Number.isSafeInteger(row.turn))
    if (odd !== undefined)
      throw new RangeError(`the row ${odd.id} of a damaged sidecar has no turn`)
    this.#isWithinTurn = rows.length === PIECE
    this.#last = rows.at(-1) ?? last
    this.#rows = rows
    this.#taken = 0
  }

  async #toEvents(
    rows: readonly TurnRow[],
    aspects: ReadonlySet<Aspect>,
  ): Promise<ComparedEvent[]> {
    const wordsOf = await readCellWords(
      this.#snapshot,
      rows.map(({ cell }) => cell),
    )
    const events: ComparedEvent[] = []
    for (const { id, cell, details } of rows) {
      const words = wordsOf(cell)
      const aspect = aspectOf(words.type)
      if (aspect !== undefined && aspects.has(aspect)) {
        events.push({ id, aspect, cell, words, details })
      }
    }
    return events
  }
}

interface TurnRow {
  readonly id: number
  readonly turn: number
  readonly cell: EventCell
  /** Null also for events that are not compared: theirs may be long. */
  readonly details: string | null
}

function selectRows(snapshot: Snapshot, simulation: number) {
  return (
    snapshot
      .selectFrom('event')
      // From the left: SQLite goes through the events, and finds the cell of each.
      .leftJoin('cell', 'cell.id', 'event.cell')
      .select((eb) => [
        'event.id',
        'event.turn',
        'event.cell',
        eb
          .case()
          .when('cell.type', 'in', COMPARED_TYPES)
          .then(eb.ref('event.details'))
          .end()
          .as('details'),
      ])
      .where('event.simulation', '=', simulation)
      .limit(PIECE)
  )
}
