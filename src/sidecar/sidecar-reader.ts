import { statSync } from 'node:fs'
import { Kysely, SqliteDialect } from 'kysely'
import { openSidecarForReading } from './open-sidecar.js'
import type { SidecarTables } from './schema.js'

/** A view of the sidecar that stands still while it is used. */
export type Snapshot = Kysely<SidecarTables>

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
   * Runs queries on one snapshot.
   *
   * @throws TurnlogError SIDECAR_NOT_FOUND, SIDECAR_UNREADABLE or SIDECAR_SCHEMA_MISMATCH
   */
  async read<T>(use: (snapshot: Snapshot) => Promise<T>): Promise<T> {
    const handle = this.#current()
    handle.readers++
    try {
      return await handle.db.transaction().execute(use)
    } finally {
      handle.readers--
      if (handle.retired) await closeWhenUnused(handle)
    }
  }

  /** Closes the file once the reads under way have ended. A later read opens it again. */
  async close(): Promise<void> {
    const handle = this.#handle
    this.#handle = undefined
    if (handle !== undefined) await retire(handle)
  }

  #current(): Handle {
    const inode = statSync(this.path, { throwIfNoEntry: false })?.ino
    if (this.#handle !== undefined && this.#handle.inode === inode) return this.#handle
    const old = this.#handle
    this.#handle = undefined
    if (old !== undefined) void retire(old)
    const database = openSidecarForReading(this.path)
    this.#handle = {
      db: new Kysely<SidecarTables>({ dialect: new SqliteDialect({ database }) }),
      inode,
      readers: 0,
      retired: false,
    }
    return this.#handle
  }
}

interface Handle {
  readonly db: Kysely<SidecarTables>
  readonly inode: number | undefined
  readers: number
  retired: boolean
}

async function retire(handle: Handle): Promise<void> {
  handle.retired = true
  await closeWhenUnused(handle)
}

async function closeWhenUnused(handle: Handle): Promise<void> {
  if (handle.readers === 0) await handle.db.destroy()
}
