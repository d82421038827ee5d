import { closeSync, openSync, readSync } from 'node:fs'
import Database from 'better-sqlite3'
import { systemErrorCode, TurnlogError } from '../src/errors.js'
import { APPLICATION_ID } from '../src/sidecar/open-sidecar.js'

/** How long a lock of SQLite's own is waited for, in milliseconds. */
const BUSY_TIMEOUT_MS = 5_000

const SQLITE_MAGIC = 'SQLite format 3\0'
const HEADER_BYTES = 100
const APPLICATION_ID_OFFSET = 68

/**
 * Makes sure that there is nothing in the place of a sidecar but a sidecar, damaged or not: what
 * else is there is somebody's, and never replaced.
 *
 * @throws TurnlogError SIDECAR_UNREADABLE
 */
export function assertReplaceable(db: string): void {
  const header = readHeader(db)
  if (header === undefined || header.length === 0) return
  if (isSidecarToSqlite(db) ?? isSidecarHeader(header)) return
  throw new TurnlogError('SIDECAR_UNREADABLE', {
    message: `replace ${db}: it is not a turnlog sidecar`,
    hint: 'check --db; if it is a sidecar that was damaged, delete it first',
  })
}

/** @returns undefined when SQLite cannot read it; a young sidecar is in its log alone */
function isSidecarToSqlite(db: string): boolean | undefined {
  try {
    const connection = new Database(db, { readonly: true, timeout: BUSY_TIMEOUT_MS })
    try {
      return connection.pragma('application_id', { simple: true }) === APPLICATION_ID
    } finally {
      connection.close()
    }
  } catch (error) {
    if (error instanceof Database.SqliteError) return undefined
    throw error
  }
}

function isSidecarHeader(header: Buffer): boolean {
  const isSqlite = header.subarray(0, SQLITE_MAGIC.length).toString('latin1') === SQLITE_MAGIC
  return isSqlite && header.readUInt32BE(APPLICATION_ID_OFFSET) === APPLICATION_ID
}

/** The first bytes of a file; undefined when there is none, fewer than a header when it is short. */
function readHeader(path: string): Buffer | undefined {
  let fd: number
  try {
    fd = openSync(path, 'r')
  } catch (cause) {
    if (systemErrorCode(cause) === 'ENOENT') return undefined
    throw unreplaceable(path, cause)
  }
  try {
    const header = Buffer.alloc(HEADER_BYTES)
    return header.subarray(0, readSync(fd, header) === 0 ? 0 : HEADER_BYTES)
  } catch (cause) {
    throw unreplaceable(path, cause)
  } finally {
    closeSync(fd)
  }
}

function unreplaceable(path: string, cause: unknown): TurnlogError {
  return new TurnlogError('SIDECAR_UNREADABLE', {
    message: `replace ${path}: it cannot be read (${systemErrorCode(cause) ?? String(cause)})`,
    hint: 'check --db and its permissions',
    cause,
  })
}
