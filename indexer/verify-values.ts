import type Database from 'better-sqlite3'
import type { Difference } from './difference.js'

/** What is said, in SQL, of the rows of a table. */
interface ValueTable {
  readonly table: string
  /** Tells a row from others where it has no number. */
  readonly key?: string
  /** Which rows a run has; missing where runs share them. */
  readonly ofRun?: string
  /** The name of that run. */
  readonly run?: string
  readonly segment?: string
  readonly offset?: string
  readonly eventId?: string
}

const RUN = 'SELECT simulation.name FROM simulation'
const THE_RUN = '(SELECT id FROM simulation WHERE name = ?)'
const OF_RUN = {
  ofRun: `simulation = ${THE_RUN}`,
  run: `(${RUN} WHERE simulation.id = kept.simulation)`,
}
const IN_SEGMENT = {
  ...OF_RUN,
  segment: '(SELECT segment.name FROM segment WHERE segment.id = kept.segment)',
  offset: 'kept.offset',
}

const TABLES: readonly ValueTable[] = [
  { table: 'simulation', ofRun: 'name = ?', run: 'kept.name' },
  { table: 'segment', ...OF_RUN },
  { table: 'reject', ...IN_SEGMENT },
  { table: 'event', ...IN_SEGMENT, eventId: 'kept.event_id' },
  { table: 'stretch', ...OF_RUN },
  {
    table: 'leaf',
    ofRun: `stretch IN (SELECT id FROM stretch WHERE simulation = ${THE_RUN})`,
    run: `(${RUN} JOIN stretch ON stretch.simulation = simulation.id WHERE stretch.id = kept.stretch)`,
  },
  {
    table: 'edge',
    key: "quote(cause) || ' → ' || quote(effect)",
    ofRun: `(SELECT simulation FROM event WHERE event.id = effect) = ${THE_RUN}`,
    run: `(${RUN} JOIN event ON event.simulation = simulation.id WHERE event.id = kept.effect)`,
  },
  { table: 'dangling', key: "quote(cause_event_id) || ' → ' || quote(effect)", ...OF_RUN },
  { table: 'agent' },
  { table: 'kind' },
  { table: 'cell' },
  { table: 'participant', key: "quote(agent) || ' → ' || quote(cell)" },
  { table: 'search_progress' },
]

/** A row that has such a value; null where it cannot be told. */
interface FoundRow {
  readonly row: number | null
  readonly key: string | null
  readonly run: string | null
  readonly segment: string | null
  readonly offset: number | null
  readonly eventId: string | null
  /** Of each column, between spaces. */
  readonly classes: string
}

interface Column {
  readonly name: string
  /** As it was declared: what its values are stored as, unless they are null. */
  readonly type: string
}

/**
 * Values that are not stored as what their column is declared to hold: SQLite
 * keeps what it is given, a BLOB in a column of texts, say. Nothing can be
 * compared with one of these.
 *
 * @param connection to a sidecar that is built as it should be
 * @param simulation the name of the one run whose rows are looked at, beside those
 *   that runs share; all of them unless told
 */
export function* findMistypedValues(
  connection: Database.Database,
  simulation?: string,
): Generator<Difference> {
  for (const table of TABLES) {
    const columns = connection
      .prepare<[string], Column>('SELECT name, lower(type) AS type FROM pragma_table_info(?)')
      .all(table.table)
    const isScoped = simulation !== undefined && table.ofRun !== undefined
    const rows = connection.prepare<string[], FoundRow>(
      selectMistyped(table, columns, isScoped ? table.ofRun : undefined),
    )
    for (const found of rows.iterate(...(isScoped ? [simulation] : []))) {
      yield* describe(table, columns, found)
    }
  }
}

function selectMistyped(
  { table, key, run = 'NULL', segment = 'NULL', offset = 'NULL', eventId = 'NULL' }: ValueTable,
  columns: readonly Column[],
  ofRun = 'TRUE',
): string {
  const row = key === undefined ? 'kept.rowid AS row, NULL AS key' : `NULL AS row, ${key} AS key`
  const tests = columns.map(({ name, type }) => `typeof(kept.${name}) NOT IN ('null', '${type}')`)
  const classes = columns.map(({ name }) => `typeof(kept.${name})`)
  return `SELECT ${row}, ${only('text', run)} AS run, ${only('text', segment)} AS segment,
      ${only('integer', offset)} AS offset, ${only('text', eventId)} AS eventId,
      ${classes.join(" || ' ' || ")} AS classes
    FROM ${table} AS kept WHERE ${ofRun} AND (${tests.join(' OR ')})`
}

/** A value that may itself be of another class. */
function only(type: string, value: string): string {
  return `iif(typeof(${value}) = '${type}', ${value}, NULL)`
}

function* describe(
  { table, ofRun }: ValueTable,
  columns: readonly Column[],
  { row, key, run, segment, offset, eventId, classes }: FoundRow,
): Generator<Difference> {
  const place = {
    ...(run !== null && { simulation_id: run }),
    ...(segment !== null && { segment }),
    ...(offset !== null && { offset }),
    ...(eventId !== null && { event_id: eventId }),
    ...(row !== null && { table, row }),
  }
  const event = eventId === null ? `row ${row ?? ''} of event` : `event ${eventId}`
  const what = table === 'event' ? `${event}: ` : key === null ? '' : `row ${key} of ${table}: `
  // What runs share is not built anew with one of them.
  const remedy = ofRun === undefined ? ': `turnlog reindex` builds the sidecar anew' : ''
  const stored = classes.split(' ')
  for (const [index, { name, type }] of columns.entries()) {
    const found = stored[index]
    if (found === type || found === 'null') continue
    yield { ...place, problem: `${what}${name} is stored as ${found}, not as ${type}${remedy}` }
  }
}
