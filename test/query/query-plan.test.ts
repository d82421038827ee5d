import Database from 'better-sqlite3'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import type { TimestampMicros } from '#src/event/timestamp.js'
import {
  BEFORE_ALL,
  findArrival,
  findLastArrival,
  readArrivals,
  readLastRow,
} from '#src/query/arrival-order.js'
import { compareRuns } from '#src/query/compare-runs.js'
import { findCausalPath } from '#src/query/find-causal-path.js'
import { countHistogram } from '#src/query/count-histogram.js'
import { EventSearch } from '#src/query/event-search.js'
import { readFoundEvents } from '#src/query/found-events.js'
import { getEvent } from '#src/query/get-event.js'
import { getSimulation } from '#src/query/get-simulation.js'
import { getTotals } from '#src/query/get-totals.js'
import { listAgents } from '#src/query/list-agents.js'
import { listEvents } from '#src/query/list-events.js'
import { listSimulations } from '#src/query/list-simulations.js'
import { listVariables } from '#src/query/list-variables.js'
import { LongReads } from '#src/query/long-reads.js'
import { matchingRows } from '#src/query/matching-rows.js'
import { encodeCursor } from '#src/query/page-cursor.js'
import { readAllEvents } from '#src/query/read-all-events.js'
import { readReadingState } from '#src/query/reading-state.js'
import { readVariable } from '#src/query/read-variable.js'
import { findSimulation, type SimulationRef } from '#src/query/simulation-row.js'
import { TRACE_DIRECTIONS, type TraceDirection } from '#src/query/causality-fields.js'
import { traceCausality } from '#src/query/trace-causality.js'
import { WorkLimit } from '#src/query/work-limit.js'
import { SidecarReader, type Snapshot } from '#src/sidecar/sidecar-reader.js'
import { eventLine, IndexedRoot } from '../support/indexed-root.js'
import { explain, recordStatements } from '../support/query-plan.js'
import { fillSearchIndex } from '../support/search-index.js'

/** Their names say whether row ids are in the order of events. */
const RUNS = ['ordered', 'unordered']
/** A run with a turn that is not read at once; runs are compared with it. */
const CROWDED = 'crowded'

/**
 * The ways to look into a table that a longer run does not make longer: each
 * finds the rows that are named, or those of one event, leaf or agent. What is
 * found by the run alone is all there is of it; that is allowed where a run has
 * few rows: stretches (one for 131,072 events) and segments (one a file). Of
 * rejects and of the events of turns, which may be many, the index gives the
 * first ones in order. Between two row ids there are never more than those of
 * two blocks.
 */
const BOUNDED: Readonly<Record<string, readonly string[]>> = {
  event: [
    'rowid=?',
    'simulation=? AND event_id=?',
    'simulation=? AND turn>? AND turn<?',
    'simulation=? AND turn=? AND rowid>?',
    'rowid>? AND rowid<?',
    // The first row behind one, and the last one before.
    'rowid>?',
    'rowid<?',
  ],
  edge: ['cause=?', 'effect=?', 'cause=? AND effect>?', 'effect=? AND cause>?'],
  dangling: ['effect=?'],
  leaf: ['rowid=?', 'stretch=?'],
  stretch: ['rowid=?', 'simulation=?'],
  segment: ['rowid=?', 'simulation=?'],
  reject: ['simulation=?'],
  simulation: ['rowid=?', 'name=?'],
  cell: ['rowid=?', 'agent=?', 'agent=? AND type=?', 'agent=? AND type=? AND kind=?'],
  participant: ['agent=?'],
  agent: ['rowid=?', 'name=?'],
  kind: ['rowid=?', 'name=?'],
}
/** Links of some events to some others: as those of the events, and fewer. */
const LINKS_BETWEEN =
  'SEARCH edge USING COVERING INDEX edge_by_effect_cause (effect=? AND cause>? AND cause<?)'

/** Of one event, which may be a hub, the earliest links are taken as they stand. */
const LINKS_OF_ONE = /"edge" where "(cause|effect)" = \?( and "(cause|effect)" > \?)? order by/
/** Of some rows, however long the run is: whether any of their links goes back. */
const LINKS_BACK = 'SEARCH edge USING COVERING INDEX edge_by_effect_cause (effect>? AND effect<?)'

/** The queue of the events that a walk merges is no table, nor are ids that are given; or it has one row. */
const NO_TABLES = ['SCAN link', 'SCAN json_each VIRTUAL TABLE INDEX 1:', 'SCAN search_progress']

/** The last row of all, the next word behind one, and the one text that is taken apart for an event. */
const ONE_ROW: Readonly<Record<string, RegExp>> = {
  'SEARCH event': /^select max\("id"\) as "id" from "event"$/,
  'SCAN event_word VIRTUAL TABLE INDEX 513:': / where "term" >= \? limit \?$/,
  'SCAN CONSTANT ROW': / from "event_text" /,
  'SCAN (subquery-5)': / from "event_text" /,
}

/** What matches (M) in the full-text index, between two row ids and in their order. */
const MATCHES_BETWEEN = /^SCAN event_search VIRTUAL TABLE INDEX \d+:M2><$/

/** What is wrong with how a statement is executed; nothing when no whole run is looked at or sorted. */
function faultsOf(sql: string, steps: readonly string[]): string[] {
  const looks = steps.filter((step) => /^(SCAN|SEARCH) /.test(step))
  const faults = looks.filter((step) => {
    if ([...NO_TABLES, LINKS_BETWEEN, LINKS_BACK].includes(step)) return false
    if (MATCHES_BETWEEN.test(step) || ONE_ROW[step]?.test(sql) === true) return false
    // There are few cells, but with many agents not so few.
    if (step === 'SCAN cell') return sql.includes('"agent" in')
    const [, table = '', terms = ''] =
      /^SEARCH (\w+) USING .*\((.*)\)( LEFT-JOIN)?$/.exec(step) ?? []
    return BOUNDED[table]?.includes(terms) !== true
  })
  const isOfRun = looks.some((step) => step.endsWith('(simulation=?)'))
  if (isOfRun || sql.includes('MATCH'))
    faults.push(...steps.filter((step) => step.includes('TEMP B-TREE')))
  if (looks.some((step) => step.startsWith('SEARCH reject')) && !sql.endsWith(' limit ?')) {
    faults.push('every reject of a run')
  }
  if (looks.some((step) => /^SEARCH event .*\bturn[=>]/.test(step))) {
    faults.push(...steps.filter((step) => step.includes('TEMP B-TREE')))
    if (!sql.endsWith(' limit ?')) faults.push('every event of a turn')
  }
  if (LINKS_OF_ONE.test(sql)) faults.push(...steps.filter((step) => step.includes('TEMP B-TREE')))
  return faults
}

const instant = (second: number): TimestampMicros =>
  (Date.UTC(2026, 0, 1, 0, 0, second) * 1000) as TimestampMicros

type Query = (snapshot: Snapshot, run: string) => Promise<unknown>
type Page = Partial<Parameters<typeof listEvents>[2]>

const page =
  (request: Page): Query =>
  (snapshot, run) =>
    listEvents(snapshot, run, { filter: {}, order: 'asc', limit: 3, ...request })

type Histogram = Partial<Parameters<typeof countHistogram>[2]>

const histogram =
  (request: Histogram): Query =>
  (snapshot, run) =>
    countHistogram(
      snapshot,
      run,
      { filter: {}, by: 'turn', buckets: 3, ...request },
      new WorkLimit({ limitMs: 60_000 }),
    )

type Series = Partial<Parameters<typeof readVariable>[3]>

const series =
  (request: Series): Query =>
  (snapshot, run) =>
    readVariable(snapshot, run, 'x', { filter: {}, limit: 3, ...request })

/** Behind `e05` there are events with many causes, behind `e01` some with many effects. */
const traced =
  (direction: TraceDirection, eventId: string): Query =>
  (snapshot, run) =>
    traceCausality(snapshot, run, eventId, { direction, depth: 20, maxNodes: 3 })

const pathBetween =
  (cause: string, effect: string): Query =>
  (snapshot, run) =>
    findCausalPath(snapshot, run, { cause, effect, maxEvents: 100 }, aMinute())

const noPath: Query = (snapshot, run) =>
  expect(pathBetween('e19', 'e00')(snapshot, run)).rejects.toMatchObject({ code: 'PATH_NOT_FOUND' })

const compared =
  (turns: { turnStart?: number; turnEnd?: number }): Query =>
  (snapshot, run) =>
    compareRuns(snapshot, { a: run, b: CROWDED, maxShown: 3, ...turns }, aMinute())

const aMinute = (): WorkLimit => new WorkLimit({ limitMs: 60_000 })

/** What is asked about the order of arrival. */
const arriving =
  (ask: (snapshot: Snapshot, simulation: SimulationRef) => Promise<unknown>): Query =>
  async (snapshot, run) =>
    ask(snapshot, await findSimulation(snapshot, run))

const someTime = { startTimestamp: instant(4), endTimestamp: instant(15) }
const someTurns = { turnStart: 1, turnEnd: 2 }
const someAgents = { agentIds: ['anna', 'ben', 'nobody'] }
const someKinds = { kinds: ['x', 'nothing'] }
const someoneInvolved = { involving: ['anna', 'nobody'] }
const someTypes = { eventTypes: ['ACTION', 'STATE'] } as const
const filters = {
  'no filter': {},
  start_timestamp: { startTimestamp: someTime.startTimestamp },
  end_timestamp: { endTimestamp: someTime.endTimestamp },
  'both timestamps': someTime,
  turn_start: { turnStart: 1 },
  turn_end: { turnEnd: 2 },
  'both turns': someTurns,
  event_types: someTypes,
  agent_ids: someAgents,
  'types and agents': { ...someTypes, ...someAgents },
  'types in turns': { ...someTypes, ...someTurns },
  'agents in time': { ...someAgents, ...someTime },
  'turns in time': { ...someTurns, ...someTime },
  kinds: someKinds,
  involving: someoneInvolved,
  'types, agents, kinds and involving': {
    ...someTypes,
    ...someAgents,
    ...someKinds,
    ...someoneInvolved,
  },
  everything: { ...someTypes, ...someAgents, ...someTurns, ...someTime },
}
/** Two events are at this instant, so that also ids are compared. */
const position = { timestamp: instant(6), eventId: 'e07' }

const words = {
  wanted: [
    { text: 'of the kind', isPrefix: false },
    { text: 'note', isPrefix: true },
  ],
  unwanted: [{ text: 'other', isPrefix: false }],
}
const textFilters = {
  q: { search: words },
  'details.<path>': { details: [{ path: ['note'], value: 'of the kind' }] },
  'q and details.<path>, agents in turns': {
    search: words,
    details: [{ path: ['list', '0'], value: '1' }],
    ...someAgents,
    ...someTurns,
  },
}

/** What is asked of a run that has thousands of events and few that have the words. */
const rareWords: Query = async (snapshot, run) => {
  const simulation = await findSimulation(snapshot, run)
  const rest = (): Promise<void> => Promise.resolve()
  const span = { first: 1, last: 40 }
  const search = await EventSearch.open(snapshot, words, { simulation, span, rest })
  const rows = await search.findAll(100, span, rest)
  const all = [...(rows ?? []), ...search.missing]
  await readFoundEvents(snapshot, simulation, all, { cells: undefined }, rest)
  expect(all).not.toEqual([])
}

const allRows =
  (filter: Page['filter'] = {}): Query =>
  async (snapshot, run) => {
    const simulation = await findSimulation(snapshot, run)
    const limit = new WorkLimit({ limitMs: Infinity })
    for await (const rows of matchingRows(snapshot, simulation, filter, limit)) {
      expect(rows.length).toBeLessThanOrEqual(20)
    }
  }

const shapes: readonly (readonly [name: string, query: Query])[] = [
  ...Object.entries(filters).flatMap(([name, filter]) =>
    (['asc', 'desc'] as const).flatMap((order) => {
      const kind = `events, ${name}, ${order}`
      return [
        [kind, page({ filter, order })] as const,
        [`${kind}, offset`, page({ filter, order, offset: 2 })] as const,
        [
          `${kind}, cursor`,
          page({ filter, order, cursor: encodeCursor(order, position) }),
        ] as const,
      ]
    }),
  ),
  ...Object.entries(textFilters).flatMap(([name, filter]) => [
    [`events, ${name}`, page({ filter })] as const,
    [`events, ${name}, without a total`, page({ filter, order: 'desc', count: 'none' })] as const,
    [`rows, ${name}`, allRows(filter)] as const,
  ]),
  ['events with rare words', rareWords],
  ['event', (snapshot, run) => getEvent(snapshot, run, 'e03')],
  ['simulation', (snapshot, run) => getSimulation(snapshot, run)],
  ['arrivals', arriving((snapshot, simulation) => readArrivals(snapshot, simulation, BEFORE_ALL))],
  ['arrivals behind an event', arriving((...of) => findArrival(...of, 'e03'))],
  ['the last arrival', arriving((...of) => findLastArrival(...of, 40))],
  ['the last arrival, further up', arriving((...of) => findLastArrival(...of, 1e6))],
  ['the last row', (snapshot) => readLastRow(snapshot)],
  ['how far reading is', arriving(readReadingState)],
  ...Object.entries(filters).flatMap(([name, filter]) =>
    (['turn', 'time'] as const).flatMap((by) =>
      (['type', 'agent', undefined] as const).map(
        (split) =>
          [
            `histogram by ${by}, split by ${split ?? 'nothing'}, ${name}`,
            histogram({ filter, by, split }),
          ] as const,
      ),
    ),
  ),
  ['agents', (snapshot, run) => listAgents(snapshot, run)],
  ['variables', (snapshot, run) => listVariables(snapshot, run)],
  ['variable', series({})],
  ['variable, cursor', series({ cursor: encodeCursor('asc', position) })],
  [
    'variable, agents, turns and times',
    series({ filter: { ...someAgents, ...someTurns, ...someTime } }),
  ],
  ['variable, nothing of it', series({ filter: { agentIds: ['nobody'] } })],
  ...TRACE_DIRECTIONS.flatMap((direction) =>
    ['e01', 'e05'].map((id) => [`causality, ${direction}, ${id}`, traced(direction, id)] as const),
  ),
  ['causal path', pathBetween('e00', 'e19')],
  ['causal path that there is none of', noPath],
  ['comparison', compared({})],
  ['comparison of turns', compared({ turnStart: 1, turnEnd: 2 })],
]

/** These are about every run: as long as the list of runs, and of their files. */
const ofAllRuns: readonly (readonly [name: string, query: Query, steps: readonly string[]])[] = [
  ['simulations', listSimulations, ['SCAN simulation USING INDEX sqlite_autoindex_simulation_1']],
  ['totals', getTotals, ['SCAN simulation', 'SCAN segment', 'SCAN search_progress']],
]

describe('the plan of a query', () => {
  // So small that few events make many leaves and stretches.
  const indexed = new IndexedRoot({ orderSizes: { leafEvents: 2, leaves: 2 }, search: false })

  beforeAll(async () => {
    const ids = Array.from({ length: 20 }, (_, index) => idOf(index))
    const lines = ids.map((id, index) =>
      eventLine({
        id,
        timestamp: `2026-01-01T00:00:${String(index - (index % 2)).padStart(2, '0')}Z`,
        turn: Math.floor(index / 4),
        type: index % 3 === 0 ? 'ACTION' : 'STATE',
        agent: index % 2 === 0 ? 'anna' : 'ben',
        details: { variable_name: 'x', note: 'of the kind', list: [1] },
        causes:
          index === 3 || index === 4
            ? ids
            : [idOf(index - 1), idOf(index - 2), 'e02', `missing of ${index}`],
      }),
    )
    const late = [...lines.slice(10), ...lines.slice(0, 10)]
    for (const [run, all] of [lines, late].entries()) {
      const segments = {
        'events_1.jsonl': all.slice(0, 10),
        'events.jsonl': ['junk', ...all.slice(10)],
      }
      await indexed.append({ [RUNS[run] ?? '']: segments })
    }
    const crowd = Array.from({ length: 1_100 }, (_, index) =>
      eventLine({ id: `c${String(index).padStart(4, '0')}`, turn: 1, type: 'ACTION' }),
    )
    await indexed.append({ [CROWDED]: { 'events.jsonl': crowd } })
    // Not the last ones, so that their texts are read, too.
    fillSearchIndex(indexed.db, 30)
  })
  afterAll(() => indexed.close())

  function idOf(index: number): string {
    return `e${String(index).padStart(2, '0')}`
  }

  function openSidecar(): Database.Database {
    const sidecar = new Database(indexed.db)
    onTestFinished(() => {
      sidecar.close()
    })
    return sidecar
  }

  /** What a query asks, of either run. */
  async function statementsOf(query: Query): Promise<string[]> {
    // A new one has prepared nothing yet.
    const reader = new SidecarReader(indexed.db)
    const statements = await recordStatements(async () => {
      for (const run of RUNS) await reader.read((snapshot) => query(snapshot, run))
    })
    await reader.close()
    return statements
  }

  it('is held against runs of both kinds', async () => {
    const runs = await indexed.reader.read((snapshot) =>
      snapshot.selectFrom('simulation').select(['name', 'ordered', 'reject_count']).execute(),
    )
    expect(runs).toEqual([
      { name: 'ordered', ordered: 1, reject_count: 1 },
      { name: 'unordered', ordered: 0, reject_count: 1 },
      { name: CROWDED, ordered: 1, reject_count: 0 },
    ])
  })

  it.each(shapes)('looks at no whole run: %s', async (_name, query) => {
    const statements = await statementsOf(query)
    expect(statements).not.toEqual([])
    const sidecar = openSidecar()
    for (const sql of statements) expect(faultsOf(sql, explain(sidecar, sql)), sql).toEqual([])
  })

  it.each(Object.entries({ none: {}, ...textFilters }))(
    'looks at no whole run for a stream either: %s',
    async (_name, filter) => {
      const reader = new SidecarReader(indexed.db)
      const source = {
        reader,
        longReads: new LongReads(indexed.db),
        signal: new AbortController().signal,
      }
      const statements = await recordStatements(async () => {
        for (const run of RUNS) {
          const all = readAllEvents(source, run, { filter, order: 'asc', offset: 1 })
          for await (const events of all) expect(events.length).toBeLessThan(20)
        }
      })
      await reader.close()
      const sidecar = openSidecar()
      for (const sql of statements) expect(faultsOf(sql, explain(sidecar, sql)), sql).toEqual([])
    },
  )

  it.each(ofAllRuns)('looks at runs and files alone: %s', async (_name, query, expected) => {
    const statements = await statementsOf(query)
    const sidecar = openSidecar()
    expect(statements.flatMap((sql) => explain(sidecar, sql))).toEqual(expected)
  })

  it('tells of every index that is taken away', async () => {
    const sidecar = openSidecar()
    const indexes = sidecar
      .prepare<[], string>(
        `SELECT name FROM sqlite_schema WHERE type = 'index' AND sql IS NOT NULL`,
      )
      .pluck()
      .all()
    const statements = new Set<string>()
    for (const [, query] of shapes) for (const sql of await statementsOf(query)) statements.add(sql)
    const missed = indexes.filter((index) => {
      sidecar.exec(`BEGIN; DROP INDEX ${index}`)
      const faults = [...statements].flatMap((sql) => faultsOf(sql, explain(sidecar, sql)))
      sidecar.exec('ROLLBACK')
      return faults.length > 0
    })
    expect(missed).toEqual(indexes)
    expect(missed).toHaveLength(9)
  })

  it('is told of every way in which a walk goes on', async () => {
    const statements = new Set<string>()
    for (const [, query] of shapes) for (const sql of await statementsOf(query)) statements.add(sql)
    const links = [...statements].filter((sql) => sql.includes('as "far"'))
    for (const end of ['cause', 'effect']) {
      for (const way of [
        ` where "${end}" = ? order`,
        ` where "${end}" in `,
        `."${end}" = "event"`,
      ]) {
        expect(
          links.filter((sql) => sql.includes(way)),
          way,
        ).toHaveLength(1)
      }
    }
  })

  it('is the same for a young run and a long one: no sidecar has statistics', async () => {
    const count = `SELECT count(*) FROM sqlite_schema WHERE name LIKE 'sqlite_stat%'`
    expect(openSidecar().prepare(count).pluck().get()).toBe(0)
    await indexed.reindex()
    expect(openSidecar().prepare(count).pluck().get()).toBe(0)
  })
})
