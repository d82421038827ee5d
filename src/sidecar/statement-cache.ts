import type Database from 'better-sqlite3'
import type { SqliteDatabase, SqliteStatement } from 'kysely'

/** There are some dozen texts, and a few more with names in them that differ in number. */
const MOST_STATEMENTS = 200

/**
 * A connection that keeps its statements: preparing one takes longer than
 * most of them run.
 */
export class StatementCache implements SqliteDatabase {
  readonly #connection: Database.Database
  /** By text, the one used longest ago first. */
  readonly #statements = new Map<string, SqliteStatement>()

  constructor(connection: Database.Database) {
    this.#connection = connection
  }

  prepare(sql: string): SqliteStatement {
    const statement =
      this.#statements.get(sql) ?? withQuickRows(this.#connection.prepare<unknown[], Values>(sql))
    this.#statements.delete(sql)
    this.#statements.set(sql, statement)
    const [oldest] = this.#statements.keys()
    if (this.#statements.size > MOST_STATEMENTS && oldest !== undefined) {
      this.#statements.delete(oldest)
    }
    return statement
  }

  close(): void {
    this.#connection.close()
  }
}

/**
 * A statement whose rows are made into objects here. better-sqlite3 looks up
 * the name of every value of every row, which takes longer than reading it.
 */
function withQuickRows(statement: Database.Statement<unknown[], Values>): SqliteStatement {
  const { reader } = statement
  const names = reader ? columnsOf(statement.raw()) : []
  const toRow = (values: Values): Row => {
    const row: Row = {}
    for (const [index, name] of names.entries()) row[name] = values[index]
    return row
  }
  return {
    reader,
    all: (parameters) => statement.all(parameters).map(toRow),
    run: (parameters) => statement.run(parameters),
    *iterate(parameters) {
      for (const values of statement.iterate(parameters)) yield toRow(values)
    },
  }
}

type Values = readonly unknown[]
type Row = Record<string, unknown>

function columnsOf(statement: Database.Statement<unknown[], Values>): string[] {
  return statement.columns().map(({ name }) => name)
}
