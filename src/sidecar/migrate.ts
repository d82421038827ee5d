import type Database from 'better-sqlite3'
import { Kysely, Migrator, SqliteDialect } from 'kysely'
import { migrations } from '../../migrations/index.js'

/** The schema this turnlog reads and writes: how many migrations there are. */
export const SCHEMA_VERSION = Object.keys(migrations).length

/**
 * Brings a sidecar to {@link SCHEMA_VERSION}.
 *
 * @throws the error of the migration that failed; in no transaction of its own, so the
 *   caller's decides what stays
 */
export async function migrateSidecar(connection: Database.Database): Promise<void> {
  const migrator = new Migrator({
    db: new Kysely<unknown>({ dialect: new SqliteDialect({ database: connection }) }),
    provider: { getMigrations: () => Promise.resolve({ ...migrations }) },
  })
  const { error } = await migrator.migrateToLatest()
  if (error instanceof Error) throw error
  if (error !== undefined) throw new Error('the migration failed', { cause: error })
}
