import { execFile } from 'node:child_process'
import { mkdirSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import Database from 'better-sqlite3'
import { systemErrorCode } from '../src/errors.js'
import type { LoadResult } from './duckdb-job.js'

const run = promisify(execFile)

/**
 * Loads a segment with `sqlite-utils insert --nl`: text columns, no index.
 *
 * @param directory is made, and gone afterwards
 * @throws Error when it loaded another number of events
 */
export async function loadWithSqliteUtils(
  segment: string,
  events: number,
  directory: string,
): Promise<LoadResult> {
  mkdirSync(directory, { recursive: true })
  const path = join(directory, 'events.db')
  const startedAt = performance.now()
  await run('sqlite-utils', ['insert', path, 'events', segment, '--nl'])
  const seconds = (performance.now() - startedAt) / 1000
  const database = new Database(path, { readonly: true })
  const loaded = database.prepare('SELECT count(*) FROM events').pluck().get()
  database.close()
  if (loaded !== events)
    throw new Error(`sqlite-utils loaded ${String(loaded)} of ${events} events`)
  const { size } = statSync(path)
  rmSync(directory, { recursive: true })
  return { events, seconds, size }
}

/** @returns undefined where sqlite-utils is not installed */
export async function sqliteUtilsVersion(): Promise<string | undefined> {
  try {
    const { stdout } = await run('sqlite-utils', ['--version'])
    return stdout.trim().replace('sqlite-utils, version ', '')
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') return undefined
    throw error
  }
}
