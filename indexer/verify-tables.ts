import type Database from 'better-sqlite3'
import type { Difference } from './difference.js'
import type { RunComparison } from './run-comparison.js'
import { findOrderProblems } from './verify-order.js'

/** What the sidecar says of a run as a whole, held against what came by of it. */
export function* findTableProblems(
  connection: Database.Database,
  run: RunComparison,
): Generator<Difference> {
  const { id } = run.simulation
  const count = (sql: string): number =>
    connection.prepare<[number], number>(sql).pluck().get(id) ?? 0
  const rows = count('SELECT count(*) FROM event WHERE simulation = ?')
  if (rows !== run.counts().events) yield* strayEvents(connection, run)
  yield* homelessRejects(connection, id)
  const rejects = count('SELECT count(*) FROM reject WHERE simulation = ?')
  if (rejects !== run.counts().rejects) {
    yield { problem: `${rejects} rejects are indexed, but there are ${run.counts().rejects}` }
    yield* repeatedRejects(connection, id)
  }
  for (const problem of summaryProblems(connection, run)) {
    yield { table: 'simulation', row: id, problem }
  }
  yield* findOrderProblems(connection, id, rows)
}

function* homelessRejects(
  connection: Database.Database,
  simulation: number,
): Generator<Difference> {
  const rows = connection
    .prepare<[number], number>(
      `SELECT reject.id FROM reject
      LEFT JOIN segment ON segment.id = reject.segment AND segment.simulation = reject.simulation
      WHERE reject.simulation = ? AND segment.id IS NULL`,
    )
    .pluck()
    .iterate(simulation)
  const problem = 'is a reject of no segment the run has'
  for (const row of rows) yield { table: 'reject', row, problem }
}

/** Rejects of which there is another one for the same place. */
function* repeatedRejects(
  connection: Database.Database,
  simulation: number,
): Generator<Difference> {
  const rows = connection
    .prepare<[number], { id: number; segment: string; offset: number }>(
      `SELECT reject.id, segment.name AS segment, reject.offset
      FROM reject JOIN segment
        ON segment.id = reject.segment AND segment.simulation = reject.simulation
      WHERE reject.simulation = ? AND EXISTS (SELECT 1 FROM reject AS first
        WHERE first.simulation = reject.simulation AND first.segment = reject.segment
          AND first.offset = reject.offset AND first.id < reject.id)`,
    )
    .iterate(simulation)
  for (const { id: row, segment, offset } of rows) {
    yield { segment, offset, table: 'reject', row, problem: 'is indexed as a reject twice' }
  }
}

function* strayEvents(connection: Database.Database, run: RunComparison): Generator<Difference> {
  const rows = connection
    .prepare<[number], { id: number; eventId: string; segment: string | null; offset: number }>(
      `SELECT event.id, event_id AS eventId, segment.name AS segment, offset
      FROM event
      LEFT JOIN segment ON segment.id = event.segment AND segment.simulation = event.simulation
      WHERE event.simulation = ?`,
    )
    .iterate(run.simulation.id)
  for (const { id, eventId, segment, offset } of rows) {
    if (run.matched.has(id)) continue
    const problem = `event ${eventId} is indexed here, but no line here says so`
    const row = { event_id: eventId, table: 'event', row: id }
    yield segment === null ? { ...row, problem } : { segment, offset, ...row, problem }
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

const TABLES_OF_RUNS = ['segment', 'reject', 'event', 'stretch']

/** Where rows belong, and what is said of those that do not. */
const BELONGINGS = [
  ...TABLES_OF_RUNS.map((table) => ({
    rows: `SELECT id AS row, '${table}' AS "table" FROM ${table}
      WHERE simulation NOT IN (SELECT id FROM simulation)`,
    problem: (row: string) => `row ${row} of ${table} belongs to no run`,
  })),
  {
    rows: `SELECT id AS row, 'leaf' AS "table" FROM leaf
      WHERE stretch NOT IN (SELECT id FROM stretch)`,
    problem: (row: string) => `row ${row} of leaf belongs to no stretch`,
  },
  {
    rows: `SELECT effect AS row, cause || ' → ' || effect AS text FROM edge
      WHERE effect NOT IN (SELECT id FROM event)`,
    problem: (row: string) => `row ${row} of edge leads to no event`,
  },
  {
    rows: `SELECT effect AS row, cause_event_id || ' → ' || effect AS text FROM dangling
      WHERE NOT EXISTS (SELECT 1 FROM event
        WHERE event.id = dangling.effect AND event.simulation = dangling.simulation)`,
    problem: (row: string) => `row ${row} of dangling belongs to no event of a run`,
  },
  {
    rows: `SELECT cell AS row, agent || ' → ' || cell AS text FROM participant
      WHERE cell NOT IN (SELECT id FROM cell)`,
    problem: (row: string) => `row ${row} of participant leads to no cell`,
  },
  {
    rows: `SELECT cell AS row, agent || ' → ' || cell AS text FROM participant
      WHERE agent NOT IN (SELECT id FROM agent)`,
    problem: (row: string) => `row ${row} of participant begins at no agent`,
  },
  ...Object.entries({ type: 'event_type', agent: 'agent', kind: 'kind' }).map(
    ([column, table]) => ({
      rows: `SELECT id AS row, 'cell' AS "table" FROM cell
        WHERE ${column} IS NOT NULL AND ${column} NOT IN (SELECT id FROM ${table})`,
      problem: () => `its ${column} is none there is`,
    }),
  ),
  {
    rows: `SELECT max(id) AS row, 'cell' AS "table" FROM cell
      GROUP BY agent, type, kind, participants HAVING count(*) > 1`,
    problem: () => 'says what another cell says',
  },
]

interface StrayRow {
  readonly row: number
  readonly table?: string
  readonly text?: string
}

/** Rows that belong to nothing the sidecar has, and so are out of sight of every run. */
export function* findStrayRows(connection: Database.Database): Generator<Difference> {
  for (const { rows, problem } of BELONGINGS) {
    for (const { row, table, text } of connection.prepare<[], StrayRow>(rows).iterate()) {
      const place = table === undefined ? {} : { table, row }
      yield { ...place, problem: problem(text ?? String(row)) }
    }
  }
  yield* participantProblems(connection)
}

function* participantProblems(connection: Database.Database): Generator<Difference> {
  const cells = connection
    .prepare<[], { id: number; participants: string | null; kept: string }>(
      `SELECT cell.id, cell.participants, json_group_array(agent.name) AS kept
      FROM participant JOIN cell ON cell.id = participant.cell
      JOIN agent ON agent.id = participant.agent GROUP BY participant.cell
      UNION ALL SELECT id, participants, '[]' FROM cell
      WHERE participants IS NOT NULL AND id NOT IN (SELECT cell FROM participant)`,
    )
    .iterate()
  for (const { id, participants, kept } of cells) {
    const names = JSON.stringify((JSON.parse(kept) as string[]).sort())
    if (names !== participants) {
      const problem = `the participants of cell ${id} are kept as ${names}, but are ${participants ?? 'none'}`
      yield { table: 'cell', row: id, problem }
    }
  }
}
