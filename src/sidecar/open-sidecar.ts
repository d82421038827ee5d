import { accessSync, constants, existsSync, mkdirSync, rmSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import Database from 'better-sqlite3'
import { systemErrorCode, TurnlogError } from '../errors.js'
import { migrateSidecar, SCHEMA_VERSION } from './migrate.js'

/** Marks a SQLite file as a turnlog sidecar: "turn" in ASCII. */
export const APPLICATION_ID = 0x7475726e

/** How long a connection waits for another's short lock, in milliseconds. */
const BUSY_TIMEOUT_MS = 5_000

/**
 * Opens a sidecar read-only. It is checked to be one, and of this schema.
 *
 * @throws TurnlogError SIDECAR_NOT_FOUND, SIDECAR_UNREADABLE or SIDECAR_SCHEMA_MISMATCH
 */
export function openSidecarForReading(path: string): Database.Database {
  assertExists(path)
  const connection = connect(path, { readonly: true })
  try {
    assertSidecar(connection, path)
    connection.pragma('query_only = 1')
    // No memory mapping: a file cut short under a reader would kill the process, not fail the query.
    connection.pragma('mmap_size = 0')
    return connection
  } catch (error) {
    connection.close()
    throw error
  }
}

function assertExists(path: string): void {
  try {
    statSync(path)
  } catch (cause) {
    const code = systemErrorCode(cause)
    if (code !== 'ENOENT' && code !== 'ENOTDIR') throw unreadable(path, cause)
    throw new TurnlogError('SIDECAR_NOT_FOUND', {
      message: `open the sidecar ${path}: it does not exist`,
      hint: 'run `turnlog index` to make it',
      cause,
    })
  }
  if (isDirectory(path)) throw unreadable(path, 'it is a directory')
}

function isDirectory(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true
}

/** What a sidecar is opened for: kept beside live readers, or built aside in bulk. */
export type WriteMode = 'shared' | 'bulk'

/** A page of this size holds dozens of events, so that hardly any of it is left over. */
const PAGE_BYTES = 16_384

/**
 * How much of a sidecar its writer keeps in memory. Events mostly go to the ends
 * of tables and indexes, so more gains nothing.
 */
const CACHE_KIB = 8_192

/**
 * Opens a sidecar for its one writer, making and migrating it as needed.
 *
 * `shared` keeps a write-ahead log, so readers go on undisturbed; `bulk` waits
 * for no disk, for a file that is thrown away when anything goes wrong.
 *
 * @throws TurnlogError SIDECAR_UNREADABLE, SIDECAR_UNWRITABLE, or
 *   SIDECAR_SCHEMA_MISMATCH when a newer turnlog wrote it
 */
export async function openSidecarForWriting(
  path: string,
  mode: WriteMode = 'shared',
): Promise<Database.Database> {
  assertWritable(path)
  removeLeftLog(path)
  const connection = connect(path, { readonly: false })
  try {
    assertSidecarOrEmpty(connection, path)
    // Of a file that is there already, the pages stay as they are.
    connection.pragma(`page_size = ${PAGE_BYTES}`)
    connection.pragma(`journal_mode = ${mode === 'shared' ? 'WAL' : 'MEMORY'}`)
    connection.pragma(`synchronous = ${mode === 'shared' ? 'NORMAL' : 'OFF'}`)
    connection.pragma(`cache_size = -${CACHE_KIB}`)
    connection.pragma('temp_store = MEMORY')
    if (schemaVersion(connection) < SCHEMA_VERSION) await migrate(connection)
    return connection
  } catch (error) {
    connection.close()
    throw error instanceof TurnlogError ? error : unwritable(path, error)
  }
}

/** SQLite opens a file it may not write, and complains only when it is written. */
function assertWritable(path: string): void {
  try {
    mkdirSync(dirname(path), { recursive: true })
    accessSync(dirname(path), constants.W_OK)
    if (existsSync(path)) accessSync(path, constants.W_OK)
  } catch (cause) {
    throw unwritable(path, cause)
  }
  if (isDirectory(path)) throw unwritable(path, 'it is a directory')
}

/**
 * Of a sidecar that was deleted alone, the log and its index are left. SQLite
 * finds them by name and, while a reader has them open, takes them for the new
 * file's.
 */
function removeLeftLog(path: string): void {
  if (existsSync(path)) return
  for (const suffix of ['-wal', '-shm']) rmSync(path + suffix, { force: true })
}

/**
 * Makes the schema and the marks all at once, so that a process killed here
 * leaves nothing half made. Nobody else has this connection: the transaction
 * may wait for the migrations.
 */
async function migrate(connection: Database.Database): Promise<void> {
  connection.exec('BEGIN IMMEDIATE')
  await migrateSidecar(connection)
  connection.pragma(`application_id = ${APPLICATION_ID}`)
  connection.pragma(`user_version = ${SCHEMA_VERSION}`)
  connection.exec('COMMIT')
}

function connect(path: string, { readonly }: { readonly readonly: boolean }): Database.Database {
  try {
    return new Database(path, { readonly, fileMustExist: readonly, timeout: BUSY_TIMEOUT_MS })
  } catch (cause) {
    throw readonly ? unreadable(path, cause) : unwritable(path, cause)
  }
}

function assertSidecar(connection: Database.Database, path: string): void {
  const { applicationId, version } = readMarks(connection, path)
  if (applicationId !== APPLICATION_ID) throw unreadable(path, 'it is not a turnlog sidecar')
  if (version !== SCHEMA_VERSION) throw schemaMismatch(path, version)
}

/** A file another program made is never written to. */
function assertSidecarOrEmpty(connection: Database.Database, path: string): void {
  const { applicationId, version, entries } = readMarks(connection, path)
  const isBlank = applicationId === 0 && version === 0 && entries === 0
  if (applicationId !== APPLICATION_ID && !isBlank) {
    throw unreadable(path, 'it is not a turnlog sidecar')
  }
  if (version > SCHEMA_VERSION) throw schemaMismatch(path, version)
}

/** What a SQLite file says it is. */
interface Marks {
  readonly applicationId: number
  readonly version: number
  /** Tables, indexes and views. */
  readonly entries: number
}

function readMarks(connection: Database.Database, path: string): Marks {
  try {
    return {
      applicationId: Number(connection.pragma('application_id', { simple: true })),
      version: schemaVersion(connection),
      entries: Number(connection.prepare('SELECT count(*) FROM sqlite_schema').pluck().get()),
    }
  } catch (cause) {
    throw unreadable(path, cause)
  }
}

function schemaVersion(connection: Database.Database): number {
  return Number(connection.pragma('user_version', { simple: true }))
}

function schemaMismatch(path: string, version: number): TurnlogError {
  const isNewer = version > SCHEMA_VERSION
  const age = isNewer ? 'a newer' : 'an older'
  const remedy = isNewer
    ? 'run `turnlog reindex` to build it anew'
    : 'run `turnlog index` to bring it up to date, or `turnlog reindex` to build it anew'
  return new TurnlogError('SIDECAR_SCHEMA_MISMATCH', {
    message: `open the sidecar ${path}: ${age} turnlog wrote it (schema ${version}, this one reads ${SCHEMA_VERSION})`,
    hint: `${remedy}; the events themselves are not touched`,
  })
}

/**
 * What SQLite throws while an open sidecar is written, as the error turnlog
 * throws; any other error as it is.
 */
export function writingError(path: string, error: unknown): unknown {
  if (!(error instanceof Database.SqliteError)) return error
  return isDamage(error) ? unreadable(path, error) : unwritable(path, error)
}

/** {@link writingError} of a sidecar that is only read, and so is never at fault for being unwritable. */
export function readingError(path: string, error: unknown): unknown {
  if (!(error instanceof Database.SqliteError)) return error
  if (isDamage(error) || error.code.startsWith('SQLITE_READONLY')) return unreadable(path, error)
  return new TurnlogError('SIDECAR_UNREADABLE', {
    message: `read the sidecar ${path}: ${error.message}`,
    hint:
      error.code === 'SQLITE_FULL'
        ? 'make room for temporary files, or set SQLITE_TMPDIR to a directory with more of it'
        : 'if the file is damaged, `turnlog reindex` builds it anew from the events',
    cause: error,
  })
}

function isDamage({ code }: InstanceType<typeof Database.SqliteError>): boolean {
  return /^SQLITE_(CORRUPT|NOTADB)/.test(code)
}

function unreadable(path: string, cause: unknown): TurnlogError {
  if (cause instanceof Database.SqliteError && cause.code.startsWith('SQLITE_READONLY')) {
    return new TurnlogError('SIDECAR_UNREADABLE', {
      message: `open the sidecar ${path}: SQLite keeps files beside it while it is read, and may not make them there`,
      hint: 'make its directory writable, or give --db a copy in one that is',
      cause,
    })
  }
  const why = cause instanceof Error ? cause.message : String(cause)
  return new TurnlogError('SIDECAR_UNREADABLE', {
    message: `open the sidecar ${path}: ${why}`,
    hint: 'check --db; a damaged sidecar is built anew by `turnlog reindex`, and has to be deleted first where even that does not know it for one',
    cause,
  })
}

function unwritable(path: string, cause: unknown): TurnlogError {
  const why = cause instanceof Error ? cause.message : String(cause)
  return new TurnlogError('SIDECAR_UNWRITABLE', {
    message: `write the sidecar ${path}: ${why}`,
    hint: 'check that its directory can be written and the disk has room, or give another --db',
    cause,
  })
}
