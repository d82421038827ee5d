import { type Kysely, type RawBuilder, sql } from 'kysely'

/** The names an event type's integer stands for, in the order of their codes from 1. */
const TYPES = ['MILESTONE', 'DECISION', 'ACTION', 'STATE', 'DETAIL', 'SYSTEM', 'ENV']

/** Where each of them keeps its own word in the details. */
const KIND_KEYS = [
  'milestone_type',
  'decision_type',
  'action_type',
  'variable_name',
  'calculation_type',
  'status',
  'variable_name',
]

/** Integer-coded tables that are lean to keep, and views that are pleasant to read. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await createDictionaries(db)
  await createSimulationTables(db)
  await createEventTables(db)
  await createOrderTables(db)
  await createViews(db)
}

async function createDictionaries(db: Kysely<unknown>): Promise<void> {
  for (const table of ['agent', 'kind', 'event_type']) {
    await db.schema
      .createTable(table)
      .addColumn('id', 'integer', (column) => column.primaryKey())
      .addColumn('name', 'text', (column) => column.notNull().unique())
      .execute()
  }
  for (const [index, name] of TYPES.entries()) {
    await sql`INSERT INTO event_type (id, name) VALUES (${index + 1}, ${name})`.execute(db)
  }
  await createCells(db)
}

/** What events are filtered and counted by, each combination once. */
async function createCells(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('cell')
    .addColumn('id', 'integer', (column) => column.primaryKey())
    .addColumn('type', 'integer', (column) => column.notNull())
    .addColumn('agent', 'integer')
    .addColumn('kind', 'integer')
    // A JSON array of names, sorted; null without.
    .addColumn('participants', 'text')
    .execute()
  await createIndex(db, 'cell', ['agent', 'type', 'kind', 'participants'])
  await sql`CREATE TABLE participant (
    agent INTEGER NOT NULL,
    cell INTEGER NOT NULL,
    PRIMARY KEY (agent, cell)
  ) WITHOUT ROWID`.execute(db)
}

async function createSimulationTables(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('simulation')
    .addColumn('id', 'integer', (column) => column.primaryKey())
    .addColumn('name', 'text', (column) => column.notNull().unique())
    .addColumn('event_count', 'integer', (column) => column.notNull().defaultTo(0))
    .addColumn('reject_count', 'integer', (column) => column.notNull().defaultTo(0))
    .addColumn('duplicate_count', 'integer', (column) => column.notNull().defaultTo(0))
    .addColumn('first_timestamp', 'integer')
    .addColumn('last_timestamp', 'integer')
    .addColumn('last_event_id', 'text')
    .addColumn('first_turn', 'integer')
    .addColumn('last_turn', 'integer')
    // 1 while the order of event.id is the order of (timestamp, event_id).
    .addColumn('ordered', 'integer', (column) => column.notNull().defaultTo(1))
    .execute()

  await db.schema
    .createTable('segment')
    .addColumn('id', 'integer', (column) => column.primaryKey())
    .addColumn('simulation', 'integer', (column) => column.notNull())
    .addColumn('name', 'text', (column) => column.notNull())
    .addColumn('size', 'integer', (column) => column.notNull())
    .addColumn('device', 'integer', (column) => column.notNull())
    .addColumn('inode', 'integer', (column) => column.notNull())
    .addColumn('modified_ms', 'real', (column) => column.notNull())
    .addColumn('checkpoint', 'integer', (column) => column.notNull())
    .addColumn('prefix_crc', 'integer', (column) => column.notNull())
    .addColumn('tail_crc', 'integer', (column) => column.notNull())
    .addColumn('event_count', 'integer', (column) => column.notNull().defaultTo(0))
    .addColumn('reject_count', 'integer', (column) => column.notNull().defaultTo(0))
    .addColumn('duplicate_count', 'integer', (column) => column.notNull().defaultTo(0))
    .execute()
  await createIndex(db, 'segment', ['simulation'])

  await db.schema
    .createTable('reject')
    .addColumn('id', 'integer', (column) => column.primaryKey())
    .addColumn('simulation', 'integer', (column) => column.notNull())
    .addColumn('segment', 'integer', (column) => column.notNull())
    .addColumn('offset', 'integer', (column) => column.notNull())
    .addColumn('length', 'integer', (column) => column.notNull())
    .addColumn('reason', 'text', (column) => column.notNull())
    .execute()
  await createIndex(db, 'reject', ['simulation'])
}

async function createEventTables(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('event')
    .addColumn('id', 'integer', (column) => column.primaryKey())
    .addColumn('simulation', 'integer', (column) => column.notNull())
    .addColumn('segment', 'integer', (column) => column.notNull())
    .addColumn('offset', 'integer', (column) => column.notNull())
    .addColumn('length', 'integer', (column) => column.notNull())
    .addColumn('timestamp', 'integer', (column) => column.notNull())
    .addColumn('turn', 'integer', (column) => column.notNull())
    .addColumn('cell', 'integer', (column) => column.notNull())
    .addColumn('shape', 'integer', (column) => column.notNull())
    .addColumn('event_id', 'text', (column) => column.notNull())
    .addColumn('caused_by', 'text')
    .addColumn('description', 'text')
    .addColumn('details', 'text')
    .addColumn('raw', 'text')
    .execute()
  await createIndex(db, 'event', ['simulation', 'event_id'], { unique: true })
  // For people, and to compare runs: filters find turns in the order of the run.
  await createIndex(db, 'event', ['simulation', 'turn'])

  await sql`CREATE TABLE edge (
    cause INTEGER NOT NULL,
    effect INTEGER NOT NULL,
    PRIMARY KEY (cause, effect)
  ) WITHOUT ROWID`.execute(db)
  await createIndex(db, 'edge', ['effect', 'cause'])

  // Causes that no indexed event of the run has (yet).
  await sql`CREATE TABLE dangling (
    simulation INTEGER NOT NULL,
    cause_event_id TEXT NOT NULL,
    effect INTEGER NOT NULL,
    PRIMARY KEY (simulation, cause_event_id, effect)
  ) WITHOUT ROWID`.execute(db)
  await createIndex(db, 'dangling', ['effect'])
}

/**
 * The order of a run's events, column by column: a leaf is some thousand events
 * that follow each other, a stretch is some leaves and their counts.
 */
async function createOrderTables(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('stretch')
    .addColumn('id', 'integer', (column) => column.primaryKey())
    .addColumn('simulation', 'integer', (column) => column.notNull())
    .addColumn('first_timestamp', 'integer', (column) => column.notNull())
    .addColumn('first_event_id', 'text', (column) => column.notNull())
    .addColumn('events', 'integer', (column) => column.notNull())
    .addColumn('first_turn', 'integer', (column) => column.notNull())
    .addColumn('last_turn', 'integer', (column) => column.notNull())
    .addColumn('leaves', 'blob', (column) => column.notNull())
    .addColumn('cells', 'blob', (column) => column.notNull())
    .addColumn('cell_events', 'blob', (column) => column.notNull())
    .addColumn('cell_leaves', 'blob', (column) => column.notNull())
    .execute()
  await createIndex(db, 'stretch', ['simulation', 'first_timestamp', 'first_event_id'], {
    unique: true,
  })

  await db.schema
    .createTable('leaf')
    .addColumn('id', 'integer', (column) => column.primaryKey())
    .addColumn('stretch', 'integer', (column) => column.notNull())
    .addColumn('first_timestamp', 'integer', (column) => column.notNull())
    .addColumn('first_event_id', 'text', (column) => column.notNull())
    .addColumn('events', 'integer', (column) => column.notNull())
    .addColumn('first_turn', 'integer', (column) => column.notNull())
    .addColumn('last_turn', 'integer', (column) => column.notNull())
    .addColumn('cells', 'blob', (column) => column.notNull())
    .addColumn('cell_events', 'blob', (column) => column.notNull())
    .addColumn('event_cells', 'blob', (column) => column.notNull())
    .addColumn('turns', 'blob', (column) => column.notNull())
    .addColumn('event_rows', 'blob', (column) => column.notNull())
    .addColumn('timestamps', 'blob', (column) => column.notNull())
    .execute()
  await createIndex(db, 'leaf', ['stretch', 'first_timestamp', 'first_event_id'], { unique: true })
}

async function createViews(db: Kysely<unknown>): Promise<void> {
  await sql`CREATE VIEW events AS
    SELECT
      simulation.name AS simulation_id,
      event.event_id AS event_id,
      ${isoTimestamp('event.timestamp')} AS timestamp,
      event.turn AS turn_number,
      event_type.name AS event_type,
      kind.name AS kind,
      agent.name AS agent_id,
      ${WHOLE_CAUSED_BY} AS caused_by,
      event.description AS description,
      ${wholeDetails()} AS details,
      segment.name AS segment,
      event.offset AS offset,
      event.length AS length
    FROM event
    JOIN simulation ON simulation.id = event.simulation
    JOIN segment ON segment.id = event.segment
    JOIN cell ON cell.id = event.cell
    JOIN event_type ON event_type.id = cell.type
    LEFT JOIN kind ON kind.id = cell.kind
    LEFT JOIN agent ON agent.id = cell.agent`.execute(db)

  await sql`CREATE VIEW causality AS
    SELECT
      simulation.name AS simulation_id,
      cause.event_id AS cause_event_id,
      effect.event_id AS effect_event_id
    FROM edge
    JOIN event AS cause ON cause.id = edge.cause
    JOIN event AS effect ON effect.id = edge.effect
    JOIN simulation ON simulation.id = effect.simulation`.execute(db)

  await sql`CREATE VIEW simulations AS
    SELECT
      name AS simulation_id,
      event_count, reject_count, duplicate_count,
      ${isoTimestamp('first_timestamp')} AS start_time,
      ${isoTimestamp('last_timestamp')} AS end_time,
      first_turn, last_turn
    FROM simulation`.execute(db)

  await sql`CREATE VIEW segments AS
    SELECT
      simulation.name AS simulation_id,
      segment.name AS segment,
      segment.size AS size,
      segment.checkpoint AS checkpoint,
      segment.size - segment.checkpoint AS lag_bytes,
      segment.event_count AS event_count,
      segment.reject_count AS reject_count,
      segment.duplicate_count AS duplicate_count
    FROM segment
    JOIN simulation ON simulation.id = segment.simulation`.execute(db)

  await sql`CREATE VIEW rejects AS
    SELECT
      simulation.name AS simulation_id,
      segment.name AS segment,
      reject.offset AS offset,
      reject.length AS length,
      reject.reason AS reason
    FROM reject
    JOIN simulation ON simulation.id = reject.simulation
    JOIN segment ON segment.id = reject.segment`.execute(db)
}

async function createIndex(
  db: Kysely<unknown>,
  table: string,
  columns: string[],
  { unique = false } = {},
): Promise<void> {
  const index = db.schema
    .createIndex(`${table}_by_${columns.join('_')}`)
    .on(table)
    .columns(columns)
  await (unique ? index.unique() : index).execute()
}

const SHARED_BEGINNING = sql`substr(event.event_id, 1, unicode(event.caused_by) - 65)`

/** A capital letter tells how much every cause shares with the event's id; the rest of each follows. */
const WHOLE_CAUSED_BY = sql<string>`CASE WHEN event.caused_by GLOB '[A-Z]*'
  THEN '["' || ${SHARED_BEGINNING}
    || replace(substr(event.caused_by, 2), ' ', '","' || ${SHARED_BEGINNING}) || '"]'
  ELSE event.caused_by END`

/** Details that begin with a comma or a closing brace lack the type's own word, which is their kind. */
export function wholeDetails(): RawBuilder<string> {
  const keys = KIND_KEYS.map((key, index) => sql`WHEN ${sql.lit(index + 1)} THEN ${sql.lit(key)}`)
  return sql`CASE WHEN event.details GLOB '[,}]*'
    THEN '{"' || CASE cell.type ${sql.join(keys, sql` `)} END || '":"' || kind.name || '"'
      || event.details
    ELSE event.details END`
}

/** Microseconds since 1970 as ISO 8601; the fraction counts upwards also in the years before. */
function isoTimestamp(column: string): RawBuilder<string> {
  const micros = sql.ref(column)
  const fraction = sql`((${micros} % 1000000 + 1000000) % 1000000)`
  return sql`strftime('%Y-%m-%dT%H:%M:%S', (${micros} - ${fraction}) / 1000000, 'unixepoch')
    || printf('.%06d+00:00', ${fraction})`
}
