import type Database from 'better-sqlite3'
import { rollupCell, type RunComparison } from './run-comparison.js'

/** Something the sidecar says of a run that no line of it bears out. */
export interface TableProblem {
  readonly segment?: string
  readonly offset?: number
  readonly problem: string
}

/** What the sidecar says of a run as a whole, held against what came by of it. */
export function* findTableProblems(
  connection: Database.Database,
  run: RunComparison,
): Generator<TableProblem> {
  const { id } = run.simulation
  const count = (sql: string): number =>
    connection.prepare<[number], number>(sql).pluck().get(id) ?? 0
  const rows = count('SELECT count(*) FROM event WHERE simulation = ?')
  if (rows !== run.counts().events) yield* strayEvents(connection, run)
  const rejects = count('SELECT count(*) FROM reject WHERE simulation = ?')
  if (rejects !== run.counts().rejects) {
    yield { problem: `${rejects} rejects are indexed, but there are ${run.counts().rejects}` }
  }
  for (const problem of summaryProblems(connection, run)) yield { problem }
  for (const problem of orderProblems(connection, id, rows)) yield { problem }
  for (const problem of rollupProblems(connection, run)) yield { problem }
  for (const problem of turnProblems(connection, id)) yield { problem }
}

function* strayEvents(connection: Database.Database, run: RunComparison): Generator<TableProblem> {
  const rows = connection
    .prepare<[number], { id: number; eventId: string; segment: string | null; offset: number }>(
      `SELECT event.id, event_id AS eventId, segment.name AS segment, offset
      FROM event LEFT JOIN segment ON segment.id = event.segment WHERE event.simulation = ?`,
    )
    .iterate(run.simulation.id)
  for (const { id, eventId, segment, offset } of rows) {
    if (run.matched.has(id)) continue
    const problem = `event ${eventId} is indexed here, but no line here says so`
    yield segment === null ? { problem } : { segment, offset, problem }
  }
}

interface Summary {
  readonly event_count: number
  readonly reject_count: number
  readonly duplicate_count: number
  readonly first_timestamp: number | null
  readonly last_timestamp: number | null
  readonly last_event_id: string | null
  readonly first_turn: number | null
  readonly last_turn: number | null
  readonly first_row: number | null
  readonly last_row: number | null
}

function* summaryProblems(connection: Database.Database, run: RunComparison): Generator<string> {
  const kept = connection
    .prepare<[number], Summary>('SELECT * FROM simulation WHERE id = ?')
    .get(run.simulation.id)
  const rows = connection
    .prepare<[number], Pick<Summary, 'first_row' | 'last_row'>>(
      'SELECT min(id) AS first_row, max(id) AS last_row FROM event WHERE simulation = ?',
    )
    .get(run.simulation.id)
  const { events, rejects, duplicates } = run.counts()
  const orNull = (value: number): number | null => (Number.isFinite(value) ? value : null)
  const expected: Summary = {
    event_count: events,
    reject_count: rejects,
    duplicate_count: duplicates,
    first_timestamp: orNull(run.firstTimestamp),
    last_timestamp: run.last?.timestamp ?? null,
    last_event_id: run.last?.eventId ?? null,
    first_turn: orNull(run.firstTurn),
    last_turn: orNull(run.lastTurn),
    first_row: rows?.first_row ?? null,
    last_row: rows?.last_row ?? null,
  }
  for (const [column, value] of Object.entries(expected)) {
    const inRow = kept?.[column as keyof Summary] ?? null
    if (inRow !== value) yield `${column} is kept as ${inRow ?? 'null'}, but is ${value ?? 'null'}`
  }
}

/** @param rows how many events the run has in the sidecar */
function* orderProblems(
  connection: Database.Database,
  simulation: number,
  rows: number,
): Generator<string> {
  const number = (sql: string): number =>
    connection.prepare<[number], number>(sql).pluck().get(simulation) ?? 0
  const placed = number('SELECT count(*) FROM event_time WHERE simulation = ?')
  if (number('SELECT ordered FROM simulation WHERE id = ?') === 1) {
    const steps = number(`SELECT count(*) FROM (
      SELECT timestamp, event_id, lag(timestamp) OVER byId AS before, lag(event_id) OVER byId AS beforeId
      FROM event WHERE simulation = ? WINDOW byId AS (ORDER BY id))
      WHERE (before, beforeId) >= (timestamp, event_id)`)
    if (steps > 0) yield `the run is kept as ordered, but ${steps} rows are not in order`
    if (placed > 0) yield `the run is kept as ordered, but ${placed} events are placed in time`
    return
  }
  const rightly = number(`SELECT count(*) FROM event_time JOIN event
    ON event.id = event_time.event AND event.simulation = event_time.simulation
    AND event.timestamp = event_time.timestamp AND event.event_id = event_time.event_id
    WHERE event_time.simulation = ?`)
  if (rightly !== rows) yield `${rightly} of ${rows} events have their place in the order of time`
  if (placed !== rightly) yield `${placed - rightly} places in the order of time are no event's`
}

interface RollupRow {
  readonly bucket: number
  readonly type: number
  readonly agent: number
  readonly name: string | null
  readonly events: number
}

function* rollupProblems(connection: Database.Database, run: RunComparison): Generator<string> {
  const rows = connection
    .prepare<[number], RollupRow>(
      `SELECT bucket, type, agent, agent.name, events
      FROM rollup LEFT JOIN agent ON agent.id = rollup.agent WHERE simulation = ?`,
    )
    .all(run.simulation.id)
  const kept = new Map(
    rows.map(({ bucket, type, agent, name, events }) => [
      rollupCell(bucket, type, agent === 0 ? null : (name ?? agent)),
      events,
    ]),
  )
  for (const cell of new Set([...kept.keys(), ...run.rollup.keys()])) {
    const counted = run.rollup.get(cell) ?? 0
    const inRollup = kept.get(cell) ?? 0
    if (counted === inRollup) continue
    yield `the rollup counts ${inRollup} events in ${cell} (bucket, type, agent), not ${counted}`
  }
}

interface TurnRow {
  readonly turn: number
  readonly kept: string | null
  readonly counted: string | null
}

function* turnProblems(connection: Database.Database, simulation: number): Generator<string> {
  const rows = connection
    .prepare<{ simulation: number }, TurnRow>(
      `WITH kept AS (SELECT turn, printf('%d rows from %d to %d', events, first_row, last_row) AS text
          FROM turn WHERE simulation = @simulation),
        counted AS (SELECT turn, printf('%d rows from %d to %d', count(*), min(id), max(id)) AS text
          FROM event WHERE simulation = @simulation GROUP BY turn)
      SELECT turn, kept.text AS kept, counted.text AS counted
      FROM kept FULL JOIN counted USING (turn) WHERE kept.text IS NOT counted.text`,
    )
    .all({ simulation })
  for (const { turn, kept, counted } of rows) {
    yield `turn ${turn} is kept as ${kept ?? 'none'}, but has ${counted ?? 'none'}`
  }
}

const TABLES_OF_RUNS = ['segment', 'reject', 'event', 'event_time', 'dangling', 'turn', 'rollup']

/** Rows that belong to nothing the sidecar has, and so are out of sight of every run. */
export function* findStrayRows(connection: Database.Database): Generator<string> {
  const count = (sql: string): number => connection.prepare<[], number>(sql).pluck().get() ?? 0
  for (const table of TABLES_OF_RUNS) {
    const rows = count(
      `SELECT count(*) FROM ${table} WHERE simulation NOT IN (SELECT id FROM simulation)`,
    )
    if (rows > 0) yield `${rows} rows of ${table} belong to no run`
  }
  const edges = count('SELECT count(*) FROM edge WHERE effect NOT IN (SELECT id FROM event)')
  if (edges > 0) yield `${edges} rows of edge lead to no event`
  const dangling = count(`SELECT count(*) FROM dangling WHERE NOT EXISTS (SELECT 1 FROM event
    WHERE event.id = dangling.effect AND event.simulation = dangling.simulation)`)
  if (dangling > 0) yield `${dangling} rows of dangling belong to no event of their run`
}
