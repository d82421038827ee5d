import { cpus, totalmem } from 'node:os'
import { version as duckDbVersion } from '@duckdb/node-api'
import Database from 'better-sqlite3'
import { sqliteUtilsVersion } from './sqlite-utils.js'

/** What the figures were measured on and with, by what it is called. */
export async function readVersions(): Promise<Readonly<Record<string, string>>> {
  return {
    processor: `${cpus()[0]?.model.trim() ?? 'unknown'}, ${cpus().length} cores`,
    memory: `${Math.round(totalmem() / 2 ** 30)} GiB`,
    'Node.js': process.version,
    SQLite: sqliteVersion(),
    DuckDB: duckDbVersion(),
    'sqlite-utils': (await sqliteUtilsVersion()) ?? 'not installed, so not measured',
  }
}

function sqliteVersion(): string {
  const connection = new Database(':memory:')
  const version = connection.prepare('SELECT sqlite_version()').pluck().get()
  connection.close()
  return String(version)
}
