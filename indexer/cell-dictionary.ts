import type Database from 'better-sqlite3'
import type { EventCell } from '../src/sidecar/event-cell.js'
import { Dictionary } from './dictionary.js'
import type { PackedCell } from './packed-events.js'

interface CellRow {
  readonly type: number
  readonly agent: number | null
  readonly kind: number | null
  /** A JSON array of names. */
  readonly participants: string | null
}

/** Numbers for cells, handed out by a table and remembered. */
export class CellDictionary {
  readonly #ids = new Map<string, EventCell>()
  readonly #agents: Dictionary
  readonly #kinds: Dictionary
  readonly #select: Database.Statement<[CellRow], EventCell>
  readonly #insert: Database.Statement<[CellRow]>
  readonly #insertParticipant: Database.Statement<[number, EventCell]>

  constructor(connection: Database.Database) {
    this.#agents = new Dictionary(connection, 'agent')
    this.#kinds = new Dictionary(connection, 'kind')
    this.#select = connection
      .prepare<[CellRow], EventCell>(
        `SELECT id FROM cell WHERE type = @type AND agent IS @agent AND kind IS @kind
          AND participants IS @participants`,
      )
      .pluck()
    this.#insert = connection.prepare(
      'INSERT INTO cell (type, agent, kind, participants) VALUES (@type, @agent, @kind, @participants)',
    )
    this.#insertParticipant = connection.prepare(
      'INSERT INTO participant (agent, cell) VALUES (?, ?)',
    )
  }

  idOf(words: PackedCell): EventCell {
    const key = JSON.stringify(words)
    const id = this.#ids.get(key) ?? this.#find(words)
    this.#ids.set(key, id)
    return id
  }

  #find({ type, agent, kind, participants }: PackedCell): EventCell {
    const row = {
      type,
      agent: agent === null ? null : this.#agents.idOf(agent),
      kind: kind === null ? null : this.#kinds.idOf(kind),
      participants: participants.length === 0 ? null : JSON.stringify(participants),
    }
    const known = this.#select.get(row)
    if (known !== undefined) return known
    const id = Number(this.#insert.run(row).lastInsertRowid)
    for (const participant of participants) {
      this.#insertParticipant.run(this.#agents.idOf(participant), id)
    }
    return id
  }

  /** Forgets what a rolled-back transaction may have handed out. */
  forget(): void {
    this.#ids.clear()
    this.#agents.forget()
    this.#kinds.forget()
  }
}
