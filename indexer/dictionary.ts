import type Database from 'better-sqlite3'

/** Integers for words, handed out by a dictionary table and remembered. */
export class Dictionary {
  readonly #ids = new Map<string, number>()
  readonly #select: Database.Statement<[string], number>
  readonly #insert: Database.Statement<[string]>

  constructor(connection: Database.Database, table: 'agent' | 'kind') {
    this.#select = connection
      .prepare<[string], number>(`SELECT id FROM ${table} WHERE name = ?`)
      .pluck()
    this.#insert = connection.prepare(`INSERT INTO ${table} (name) VALUES (?)`)
  }

  idOf(word: string): number {
    let id = this.#ids.get(word) ?? this.#select.get(word)
    id ??= Number(this.#insert.run(word).lastInsertRowid)
    this.#ids.set(word, id)
    return id
  }

  /** Forgets what a rolled-back transaction may have handed out. */
  forget(): void {
    this.#ids.clear()
  }
}
