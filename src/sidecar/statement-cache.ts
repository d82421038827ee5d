import type Database from 'better-sqlite3'

/** There are some dozen texts, and a few more with names in them that differ in number. */
const MOST_STATEMENTS = 200

/**
 * A connection that keeps its statements: preparing one takes longer than
 * most of them run.
 */
export class StatementCache {
  readonly #connection: Database.Database
  /** By text, the one used longest ago first. */
  readonly #statements = new Map<string, Database.Statement>()

  constructor(connection: Database.Database) {
    this.#connection = connection
  }

  prepare(sql: string): Database.Statement {
    const statement = this.#statements.get(sql) ?? this.#connection.prepare(sql)
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
