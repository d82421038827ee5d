import type Database from 'better-sqlite3'

/** What is inserted, and how. */
export interface InsertedRow {
  readonly table: string
  readonly columns: readonly string[]
}

/**
 * Inserts rows many at a time, which costs half of one at a time; each value is
 * an argument of its own, which costs half of one in a list. What conflicts with
 * a row that is there already is left out. Anything else that is wrong undoes the
 * whole transaction: so SQLite need not be ready to undo a statement alone, which
 * costs a quarter.
 */
export class RowInserter {
  readonly rowsAtOnce: number
  readonly #width: number
  readonly #one: Database.Statement
  readonly #many: Database.Statement

  constructor(connection: Database.Database, { table, columns }: InsertedRow, rowsAtOnce: number) {
    const row = `(${columns.map(() => '?').join(', ')})`
    const prepare = (rows: number): Database.Statement =>
      connection.prepare(`INSERT OR ROLLBACK INTO ${table} (${columns.join(', ')})
        VALUES ${Array.from({ length: rows }, () => row).join(', ')} ON CONFLICT DO NOTHING`)
    this.rowsAtOnce = rowsAtOnce
    this.#width = columns.length
    this.#one = prepare(1)
    this.#many = prepare(rowsAtOnce)
  }

  /** @param values of one row. @returns how many rows were inserted: 1 or 0 */
  insertOne(values: readonly unknown[]): number {
    return this.#one.run(...values).changes
  }

  /** @param values of `rowsAtOnce` rows, one behind the other. @returns how many were inserted */
  insertMany(values: readonly unknown[]): number {
    return this.#many.run(...values).changes
  }

  /** @param values of any number of rows, one behind the other */
  insertAll(values: readonly unknown[]): void {
    const atOnce = this.#width * this.rowsAtOnce
    let at = 0
    for (; at + atOnce <= values.length; at += atOnce) {
      this.insertMany(values.slice(at, at + atOnce))
    }
    for (; at < values.length; at += this.#width) {
      this.insertOne(values.slice(at, at + this.#width))
    }
  }
}
