import { statSync } from 'node:fs'
import Database from 'better-sqlite3'
import { Kysely, SqliteDialect } from 'kysely'
import { TurnlogError } from '../errors.js'
import type { CellWords, EventCell } from './event-cell.js'
import { openSidecarForReading } from './open-sidecar.js'
import type { SidecarTables } from './schema.js'
import { StatementCache } from './statement-cache.js'

/** A view of the sidecar that stands still while it is used. */
export interface Snapshot extends Kysely<SidecarTables> {
  /** What is remembered of this file's cells, from one snapshot to the next. */
  readonly knownCells: Map<EventCell, CellWords>
  /** Stands for the file while it is open: the numbers of rows are those of this one alone. */
  readonly openFile: symbol
}

/**
 * Reads a sidecar that somebody else may be writing, or replacing: every read
 * sees one consistent state, and a rebuilt file is picked up by the next read
 * while those under way end on the old one.
 */
export class SidecarReader {
  readonly path: string
  #handle: Handle | undefined

  /** Opens nothing yet: the first read does. */
  constructor(path: string) {
    this.path = path
  }

  /**
   * Runs queries on one snapshot. Reads of one file take turns, so keep them
   * short: never wait in one for a client, nor for another read.
   *
   * @throws TurnlogError SIDECAR_NOT_FOUND, SIDECAR_UNREADABLE or SIDECAR_SCHEMA_MISMATCH
   */
  async read<T>(use: (snapshot: Snapshot) => Promise<T>): Promise<T> {
    const handle = this.#current()
    const { db, knownCells, openFile } = handle
    const result = db
      .transaction()
      .execute((transaction) => use(Object.assign(transaction, { knownCells, openFile })))
    handle.reads.add(result)
    try {
      return await result
    } catch (error) {
      if (!isDamage(error)) throw error
      // What a connection remembers of a damaged file may outlive the damage.
      if (this.#handle === handle) void this.close()
      throw new TurnlogError('SIDECAR_UNREADABLE', {
        message: `read the sidecar ${this.path}: ${error.message}`,
        hint: 'if the file is damaged, `turnlog reindex` builds it anew from the events',
        cause: error,
      })
    } finally {
      handle.reads.delete(result)
    }
  }

  /** Closes the file once the reads under way have ended. A later read opens it again. */
  async close(): Promise<void> {
    const handle = this.#handle
    this.#handle = undefined
    if (handle !== undefined) await retire(handle)
  }

  #current(): Handle {
    const inode = inodeOf(this.path)
    if (inode !== undefined && this.#handle?.inode === inode) return this.#handle
    void this.close()
    const database = new StatementCache(openSidecarForReading(this.path))
    this.#handle = {
      db: new Kysely<SidecarTables>({ dialect: new SqliteDialect({ database }) }),
      // Replaced while it was being opened: nobody can say which of the two this is.
      inode: inodeOf(this.path) === inode ? inode : undefined,
      knownCells: new Map(),
      openFile: Symbol(this.path),
      reads: new Set(),
    }
    return this.#handle
  }
}

/** SQLite tells of a damaged page; a damaged row shows as a value that stands for nothing. */
function isDamage(error: unknown): error is Error {
  return error instanceof Database.SqliteError || error instanceof RangeError
}

interface Handle {
  readonly db: Kysely<SidecarTables>
  /** Which file it is. The system gives the number to no other while this one is open. */
  readonly inode: number | undefined
  readonly knownCells: Map<EventCell, CellWords>
  readonly openFile: symbol
  /** The reads under way. */
  readonly reads: Set<Promise<unknown>>
}

/** Undefined where there is no file, or none can be seen: opening it will say why. */
function inodeOf(path: string): number | undefined {
  try {
    return statSync(path).ino
  } catch {
    return undefined
  }
}

async function retire({ db, reads }: Handle): Promise<void> {
  await Promise.allSettled(reads)
  await db.destroy()
}
