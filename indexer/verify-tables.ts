import type Database from 'better-sqlite3'
import type { RunComparison } from './run-comparison.js'

interface Counts {
  readonly event_count: number
  readonly reject_count: number
  readonly duplicate_count: number
  readonly first_timestamp: number | null
  readonly last_timestamp: number | null
  readonly first_turn: number | null
  readonly last_turn: number | null
  readonly first_row: number | null
  readonly last_row: number | null
  readonly ordered: number
}

/** What the sidecar says of a run as a whole that its lines do not bear out. */
export function* findTableProblems(
  connection: Database.Database,
  simulation: number,
  run: RunComparison,
): Generator<string> {
  const number = (sql: string): number =>
    connection.prepare<[number], number>(sql).pluck().get(simulation) ?? 0
  const rows = number('SELECT count(*) FROM event WHERE simulation = ?')
  if (rows !== run.events) yield `${rows} events are indexed, but the segments hold ${run.events}`

  const counts = connection
    .prepare<[number], Counts>('SELECT * FROM simulation WHERE id = ?')
    .get(simulation)
  if (counts !== undefined) {
    const rowIds = {
      first_row: number('SELECT min(id) FROM event WHERE simulation = ?'),
      last_row: number('SELECT max(id) FROM event WHERE simulation = ?'),
    }
    yield* compareCounts(counts, run, rowIds)
    yield* orderProblems(number, counts.ordered === 1, rows)
  }
  yield* rollupProblems(connection, simulation, run)
  yield* turnProblems(connection, simulation)

  const resolvable = number(`SELECT count(*) FROM dangling JOIN event
    ON event.simulation = dangling.simulation AND event.event_id = dangling.cause_event_id
    WHERE dangling.simulation = ?`)
  if (resolvable > 0) yield `${resolvable} causes are kept as missing, but are indexed`
}

function* compareCounts(
  counts: Counts,
  run: RunComparison,
  { first_row: first, last_row: last }: Readonly<Record<'first_row' | 'last_row', number>>,
): Generator<string> {
  const orNull = (value: number): number | null => (Number.isFinite(value) ? value : null)
  const expected: Omit<Counts, 'ordered'> = {
    event_count: run.events,
    reject_count: run.rejected,
    duplicate_count: run.duplicates,
    first_timestamp: orNull(run.firstTimestamp),
    last_timestamp: orNull(run.lastTimestamp),
    first_turn: orNull(run.firstTurn),
    last_turn: orNull(run.lastTurn),
    first_row: first === 0 ? null : first,
    last_row: last === 0 ? null : last,
  }
  for (const [column, value] of Object.entries(expected)) {
    const kept = counts[column as keyof typeof expected]
    if (kept !== value) yield `${column} is kept as ${kept ?? 'null'}, but is ${value ?? 'null'}`
  }
}

function* orderProblems(
  number: (sql: string) => number,
  ordered: boolean,
  rows: number,
): Generator<string> {
  if (ordered) {
    const steps = number(`SELECT count(*) FROM (
      SELECT timestamp, event_id, lag(timestamp) OVER byId AS before, lag(event_id) OVER byId AS beforeId
      FROM event WHERE simulation = ? WINDOW byId AS (ORDER BY id))
      WHERE (before, beforeId) >= (timestamp, event_id)`)
    if (steps > 0) yield `the run is kept as ordered, but ${steps} rows are not in order`
    return
  }
  const placed = number(`SELECT count(*) FROM event_time JOIN event
    ON event.id = event_time.event AND event.simulation = event_time.simulation
    AND event.timestamp = event_time.timestamp AND event.event_id = event_time.event_id
    WHERE event_time.simulation = ?`)
  if (placed !== rows) yield `${placed} of ${rows} events have their place in the order of time`
}

interface RollupCell {
  readonly cell: string
  readonly events: number
}

function* rollupProblems(
  connection: Database.Database,
  simulation: number,
  run: RunComparison,
): Generator<string> {
  const kept = connection
    .prepare<[number], RollupCell>(
      `SELECT bucket || ' ' || type || ' ' || ifnull(agent.name, '') AS cell, events
      FROM rollup LEFT JOIN agent ON agent.id = rollup.agent WHERE simulation = ?`,
    )
    .all(simulation)
  const cells = new Map(kept.map(({ cell, events }) => [cell, events]))
  for (const cell of new Set([...cells.keys(), ...run.rollup.keys()])) {
    const counted = run.rollup.get(cell) ?? 0
    const inRollup = cells.get(cell) ?? 0
    if (counted !== inRollup) {
      yield `the rollup counts ${inRollup} events in cell "${cell}" (bucket, type, agent), not ${counted}`
    }
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
