import Database from 'better-sqlite3'
import { migrateSidecar } from '../src/sidecar/migrate.js'

/** A table, index, view or trigger. */
interface SchemaObject {
  readonly type: string
  readonly name: string
  /** The table it belongs to; of a table or view, it itself. */
  readonly table: string
  /** What makes it; null where that is not ours to say. */
  readonly sql: string | null
}

/** A table whose rows only migrations write. */
export interface FixedTable {
  readonly table: string
  /** The column that tells its rows apart. */
  readonly key: string
  /** The column that is to say the same. */
  readonly value: string
}

/** How a sidecar is built, whatever is indexed in it. */
export interface SidecarStructure {
  /** By type and name. */
  readonly objects: ReadonlyMap<string, SchemaObject>
  /** By table; of each row its key and value, spelled as in SQL. */
  readonly fixedRows: ReadonlyMap<FixedTable, ReadonlyMap<string, string>>
}

const FIXED_TABLES: readonly FixedTable[] = [
  { table: 'event_type', key: 'id', value: 'name' },
  { table: 'event_search_config', key: 'k', value: 'v' },
  // When a migration was applied is nobody's business.
  { table: 'kysely_migration', key: 'name', value: 'name' },
  { table: 'kysely_migration_lock', key: 'id', value: 'is_locked' },
]

/**
 * Statistics and the indexes a table brings along are SQLite's own; how Kysely
 * spells the tables it remembers migrations in may change with its version.
 */
const OBJECTS = `SELECT type, name, tbl_name AS "table",
    CASE WHEN name NOT LIKE 'kysely!_%' ESCAPE '!' THEN sql END AS sql
  FROM main.sqlite_schema WHERE name NOT LIKE 'sqlite!_%' ESCAPE '!'`

/** Everything in the schema of a database, by type and name. */
export function readObjects(connection: Database.Database): SidecarStructure['objects'] {
  const objects = connection.prepare<[], SchemaObject>(OBJECTS).all()
  return new Map(objects.map((object) => [`${object.type} ${object.name}`, object]))
}

/** The rows of a table as SQL spells them, so that no value is taken for one of another class. */
export function readFixedRows(
  connection: Database.Database,
  { table, key, value }: FixedTable,
): ReadonlyMap<string, string> {
  const rows = connection
    .prepare<[], [string, string]>(
      `SELECT quote(${key}), quote(${value}) FROM main.${table} ORDER BY ${key}`,
    )
    .raw()
    .all()
  return new Map(rows)
}

/**
 * What the migrations make. Read once, when this is loaded: they may be waited
 * for, while those who compare never wait.
 */
export const FRESH_STRUCTURE: SidecarStructure = await readFreshStructure()

async function readFreshStructure(): Promise<SidecarStructure> {
  const connection = new Database(':memory:')
  try {
    await migrateSidecar(connection)
    const fixedRows = FIXED_TABLES.map(
      (table) => [table, readFixedRows(connection, table)] as const,
    )
    return { objects: readObjects(connection), fixedRows: new Map(fixedRows) }
  } finally {
    connection.close()
  }
}
