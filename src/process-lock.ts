import { existsSync, mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import Database from 'better-sqlite3'

/**
 * A lock between processes and threads that the operating system releases when
 * its holder dies, however it dies: an exclusive transaction on an otherwise
 * empty SQLite file. SQLite brings the file locking of every platform along
 * (https://www.sqlite.org/lockingv3.html), so a stale lock cannot exist. The
 * file stays behind, empty, since deleting a lock file is a race.
 */
export class ProcessLock {
  readonly #connection: Database.Database

  private constructor(connection: Database.Database) {
    this.#connection = connection
  }

  /**
   * Takes the lock, waiting up to `waitMs` (default 0) for its holder.
   *
   * @returns the held lock, or undefined when somebody else holds it
   * @throws the file system's or SQLite's error when the file cannot be made or opened
   */
  static tryAcquire(path: string, waitMs = 0): ProcessLock | undefined {
    mkdirSync(dirname(path), { recursive: true })
    const connection = new Database(path, { timeout: waitMs })
    try {
      // Nothing is ever written: a journal would only be one more file, in the way of a rename.
      connection.pragma('journal_mode = MEMORY')
      connection.exec('BEGIN EXCLUSIVE')
      return new ProcessLock(connection)
    } catch (error) {
      connection.close()
      if (error instanceof Database.SqliteError && error.code.startsWith('SQLITE_BUSY')) {
        return undefined
      }
      throw error
    }
  }

  /**
   * Whether somebody holds the lock, without taking or making it.
   *
   * @throws the file system's or SQLite's error when the file cannot be read
   */
  static isHeld(path: string): boolean {
    if (!existsSync(path)) return false
    const connection = new Database(path, { readonly: true, timeout: 0 })
    try {
      connection.prepare('SELECT count(*) FROM sqlite_schema').get()
      return false
    } catch (error) {
      if (error instanceof Database.SqliteError && error.code.startsWith('SQLITE_BUSY')) return true
      throw error
    } finally {
      connection.close()
    }
  }

  /** Gives the lock back. Calling it again does nothing. */
  release(): void {
    if (this.#connection.open) this.#connection.close()
  }
}
