import type Database from 'better-sqlite3'
import type { RunComparison } from './run-comparison.js'
import { findOrderProblems } from './verify-order.js'

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
  for (const problem of findOrderProblems(connection, id, rows)) yield { problem }
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
}

function* summaryProblems(connection: Database.Database, run: RunComparison): Generator<string> {
  const kept = connection
    .prepare<[number], Summary>('SELECT * FROM simulation WHERE id = ?')
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
  }
  for (const [column, value] of Object.entries(expected)) {
    const inRow = kept?.[column as keyof Summary] ?? null
    if (inRow !== value) yield `${column} is kept as ${inRow ?? 'null'}, but is ${value ?? 'null'}`
  }
}

const TABLES_OF_RUNS = ['segment', 'reject', 'event', 'stretch', 'dangling']

/** Rows that belong to nothing the sidecar has, and so are out of sight of every run. */
export function* findStrayRows(connection: Database.Database): Generator<string> {
  const count = (sql: string): number => connection.prepare<[], number>(sql).pluck().get() ?? 0
  for (const table of TABLES_OF_RUNS) {
    const rows = count(
      `SELECT count(*) FROM ${table} WHERE simulation NOT IN (SELECT id FROM simulation)`,
    )
    if (rows > 0) yield `${rows} rows of ${table} belong to no run`
  }
  yield* participantProblems(connection)
  const leaves = count('SELECT count(*) FROM leaf WHERE stretch NOT IN (SELECT id FROM stretch)')
  if (leaves > 0) yield `${leaves} rows of leaf belong to no stretch`
  const edges = count('SELECT count(*) FROM edge WHERE effect NOT IN (SELECT id FROM event)')
  if (edges > 0) yield `${edges} rows of edge lead to no event`
  const dangling = count(`SELECT count(*) FROM dangling WHERE NOT EXISTS (SELECT 1 FROM event
    WHERE event.id = dangling.effect AND event.simulation = dangling.simulation)`)
  if (dangling > 0) yield `${dangling} rows of dangling belong to no event of their run`
}

function* participantProblems(connection: Database.Database): Generator<string> {
  const cells = connection
    .prepare<[], { id: number; participants: string | null; kept: string }>(
      `SELECT cell.id, cell.participants, json_group_array(agent.name) AS kept
      FROM participant LEFT JOIN cell ON cell.id = participant.cell
      LEFT JOIN agent ON agent.id = participant.agent GROUP BY participant.cell
      UNION ALL SELECT id, participants, '[]' FROM cell
      WHERE participants IS NOT NULL AND id NOT IN (SELECT cell FROM participant)`,
    )
    .iterate()
  for (const { id, participants, kept } of cells) {
    const names = JSON.stringify((JSON.parse(kept) as string[]).sort())
    if (names !== participants) {
      yield `the participants of cell ${id} are kept as ${names}, but are ${participants ?? 'none'}`
    }
  }
}
