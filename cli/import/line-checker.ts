import { isUtf8 } from 'node:buffer'
import { createHash } from 'node:crypto'
import Database from 'better-sqlite3'
import { canonicalJson } from '../../src/event/canonical-json.js'
import { decodeLine } from '../../src/event/event-line.js'
import { MAX_LINE_BYTES } from '../../src/segment/block-reader.js'
import type { InputLine } from './read-lines.js'

/** What becomes of a line. */
export type Judgement =
  | { readonly is: 'event'; readonly bytes: Buffer }
  /** An event that says the same has been taken before. */
  | { readonly is: 'duplicate' }
  | { readonly is: 'blank' }
  | { readonly is: 'refused'; readonly reason: string }

interface KnownEvent {
  readonly hash: Buffer
  readonly file: string
  readonly line: number
}

/**
 * Says which lines are events that a run can have. The ids it has seen are in a database
 * that is gone with it, and on the disk when they are many.
 */
export class LineChecker {
  readonly #simulationId: string
  readonly #database = new Database('')
  readonly #insert: Database.Statement<[string, Buffer, string, number]>
  readonly #find: Database.Statement<[string], KnownEvent>

  constructor(simulationId: string) {
    this.#simulationId = simulationId
    this.#database.pragma('journal_mode = OFF')
    this.#database.pragma('synchronous = OFF')
    this.#database.exec(
      'CREATE TABLE known (id TEXT PRIMARY KEY, hash BLOB, file TEXT, line INTEGER) WITHOUT ROWID',
    )
    this.#database.exec('BEGIN')
    this.#insert = this.#database.prepare('INSERT OR IGNORE INTO known VALUES (?, ?, ?, ?)')
    this.#find = this.#database.prepare('SELECT hash, file, line FROM known WHERE id = ?')
  }

  check(file: string, { bytes, number }: InputLine): Judgement {
    if (bytes === undefined) return refused(`longer than ${MAX_LINE_BYTES} bytes`)
    if (!isUtf8(bytes)) return refused('not valid UTF-8')
    const text = bytes.toString('utf8', 0, bytes.at(-1) === 0x0d ? bytes.length - 1 : bytes.length)
    if (text.trim() === '') return { is: 'blank' }
    const decoded = decodeLine(text, this.#simulationId)
    if ('problem' in decoded) return refused(decoded.problem)
    const { eventId } = decoded
    const hash = createHash('sha256').update(canonicalJson(text)).digest()
    if (this.#insert.run(eventId, hash, file, number).changes === 1) return { is: 'event', bytes }
    const known = this.#find.get(eventId)
    if (known === undefined || known.hash.equals(hash)) return { is: 'duplicate' }
    return refused(
      `event_id ${JSON.stringify(eventId)} is that of another event, in line ${known.line} of ${known.file}`,
    )
  }

  close(): void {
    this.#database.close()
  }
}

function refused(reason: string): Judgement {
  return { is: 'refused', reason }
}
