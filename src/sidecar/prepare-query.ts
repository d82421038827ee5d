import Database from 'better-sqlite3'
import { TurnlogError } from '../errors.js'
import { nearestName } from '../nearest-name.js'
import { placeAt, placeOfProblem, placeOfWord, type QueryPlace } from './query-place.js'

/** What a column of a row may hold: SQLite's integers are exact, its reals are numbers. */
export type SqlValue = string | number | bigint | Uint8Array | null

/** A query that is ready to be run; a row is an array with a value for each column. */
export interface PreparedQuery {
  readonly columns: readonly string[]
  readonly rows: () => IterableIterator<readonly SqlValue[]>
}

/**
 * Compiles a query that somebody typed. Whether it may run is read from what
 * SQLite made of it, not from its text: it has to give rows, which ATTACH, BEGIN
 * or VACUUM INTO do not, and must not be able to write, which SQLite knows of
 * every compiled statement. That the file is open read-only is not enough:
 * ATTACH would read other files then, and VACUUM INTO make new ones. What it
 * sorts and groups stays in memory, where a process that is watched shows it.
 *
 * @param connection opened by `openSidecarForReading`, for this query alone: compiling is when
 *   some PRAGMAs take effect, and what they change is gone with the connection
 * @throws TurnlogError QUERY_INVALID or QUERY_NOT_READ_ONLY
 */
export function prepareQuery(connection: Database.Database, query: string): PreparedQuery {
  connection.pragma('temp_store = MEMORY')
  const statement = compile(connection, query)
  if (!statement.readonly) {
    throw new TurnlogError('QUERY_NOT_READ_ONLY', {
      message: 'run the query: it would write, or could, and the sidecar is only read',
      hint: 'the sidecar says what the event files say: change these, and `turnlog index` follows',
    })
  }
  if (!statement.reader) {
    throw new TurnlogError('QUERY_NOT_READ_ONLY', {
      message: 'run the query: it gives no rows, so it does not ask the sidecar anything',
      hint: 'what runs is SELECT, WITH, VALUES, EXPLAIN of these, and a PRAGMA that can only tell something; other files cannot be attached',
    })
  }
  statement.safeIntegers().raw()
  return {
    columns: statement.columns().map(({ name }) => name),
    rows: () => iterate(connection, statement, query),
  }
}

type Statement = Database.Statement<[], readonly SqlValue[]>

function compile(connection: Database.Database, query: string): Statement {
  assertWhole(query)
  try {
    return connection.prepare<[], readonly SqlValue[]>(query)
  } catch (error) {
    throw queryError(connection, query, error)
  }
}

/** SQLite reads up to the first NUL, and would run that. */
function assertWhole(query: string): void {
  const at = query.indexOf('\0')
  if (at === -1) return
  throw new TurnlogError('QUERY_INVALID', {
    message: `run the query${spellPlace(placeAt(query, at))}: it has a NUL character, and SQLite reads none of what follows`,
    hint: 'give it as text in UTF-8, and a NUL in it as char(0)',
  })
}

function spellPlace({ line, column }: QueryPlace): string {
  return ` at line ${line}, column ${column}`
}

function* iterate(
  connection: Database.Database,
  statement: Statement,
  query: string,
): Generator<readonly SqlValue[]> {
  try {
    yield* statement.iterate()
  } catch (error) {
    throw queryError(connection, query, error)
  }
}

/** What better-sqlite3 itself says of a text it does not run, in words about the query. */
const NOT_ONE_STATEMENT: readonly (readonly [RegExp, string, string])[] = [
  [/more than one statement/, 'it has more than one statement', 'give one at a time'],
  [/contains no statements/, 'it has no statement', 'give a SELECT, or nothing for a prompt'],
  [
    /parameter/,
    'it has parameters (`?` or `:name`), and there is nothing to put in their place',
    'write the values into the query',
  ],
]

/** A failed query, with the place and the nearest name where they can be told; damage as it is. */
function queryError(connection: Database.Database, query: string, error: unknown): unknown {
  if (error instanceof RangeError || error instanceof TypeError) {
    const known = NOT_ONE_STATEMENT.find(([pattern]) => pattern.test(error.message))
    if (known === undefined) return error
    return new TurnlogError('QUERY_INVALID', {
      message: `run the query: ${known[1]}`,
      hint: known[2],
      cause: error,
    })
  }
  if (!(error instanceof Database.SqliteError)) return error
  if (error.code === 'SQLITE_TOOBIG' || error.code === 'SQLITE_NOMEM') {
    return new TurnlogError('QUERY_TOO_BROAD', {
      message: `run the query: ${error.message}`,
      hint: 'ask for less at a time',
      cause: error,
    })
  }
  if (error.code !== 'SQLITE_ERROR') return error
  const { place, hint } = explain(connection, query, error.message)
  const where = place === undefined ? '' : spellPlace(place)
  return new TurnlogError('QUERY_INVALID', {
    message: `run the query${where}: ${error.message}`,
    ...(hint !== undefined && { hint }),
    cause: error,
  })
}

interface Explanation {
  readonly place: QueryPlace | undefined
  readonly hint?: string
}

/** Where the names are that people use, by what SQLite misses. */
const NAMES: Readonly<Record<string, string>> = {
  table: "SELECT name FROM sqlite_schema WHERE type = 'view' OR name = 'event_search'",
  column: `SELECT DISTINCT column.name FROM sqlite_schema AS view
    JOIN pragma_table_info(view.name) AS column WHERE view.type = 'view'`,
  function: 'SELECT DISTINCT name FROM pragma_function_list ORDER BY name',
}

function explain(connection: Database.Database, query: string, message: string): Explanation {
  const missing = /^no such (table|column|function): "?([^"]+?)"?(?: - .*)?$/.exec(message)
  if (missing === null) {
    return { place: placeOfProblem(query, message, (text) => problemOf(connection, text)) }
  }
  const [, kind = '', name = ''] = missing
  const word = name.slice(name.lastIndexOf('.') + 1)
  const names = connection
    .prepare<[], string>(NAMES[kind] ?? '')
    .pluck()
    .all()
  const nearest = nearestName(word, names)
  return {
    place: placeOfWord(query, word),
    hint:
      nearest === undefined || nearest === word
        ? '`turnlog sql .schema` shows the views and their columns'
        : `did you mean ${nearest}?`,
  }
}

function problemOf(connection: Database.Database, query: string): string | undefined {
  try {
    connection.prepare(query)
    return undefined
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}
