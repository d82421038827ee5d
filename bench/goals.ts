import { megabytes, millis, number } from './format-figure.js'
import type { IngestFigures } from './ingest.js'
import type { Figures } from './parts.js'
import { SHAPES } from './query-shapes.js'

/** A figure beside what it must come to. */
export interface GoalResult {
  readonly figure: string
  readonly goal: string
  /** Undefined where it could not be measured. */
  readonly measured: string | undefined
  readonly isMet: boolean
}

interface Bound {
  readonly is: 'at least' | 'at most'
  readonly value: number
  readonly format: (value: number) => string
}

/** All goals of the parts that were measured. */
export function checkGoals({ index, query, export: exported, live, load }: Figures): GoalResult[] {
  const largest = index?.sizes.at(-1)
  return [
    ...(index === undefined || largest === undefined ? [] : ingestGoals(largest, index.sizes)),
    ...memoryGoals({ largest, query, live }),
    ...(query === undefined ? [] : queryGoals(query)),
    ...(index === undefined ? [] : smallRunGoals(index.smallRuns)),
    ...(exported === undefined ? [] : exportGoals(exported)),
    ...(live === undefined ? [] : liveGoals(live)),
    ...(load === undefined
      ? []
      : [check('failed requests under load', load.failed, atMost(0, number))]),
  ]
}

function ingestGoals(largest: IngestFigures, all: readonly IngestFigures[]): GoalResult[] {
  const { incremental, reindex, duckDb } = largest
  const smaller = all.at(-2)
  // The largest that sqlite-utils was given as well.
  const shared = all.findLast(({ sqliteUtils }) => sqliteUtils !== undefined)
  const ofShared = shared ? `, ${number(shared.events)} events` : ''
  const over = (rate: number, other: { rate: number } | undefined) => other && rate / other.rate
  return [
    check('incremental ingest', incremental.rate, atLeast(100_000, perSecond)),
    check(
      `… / sqlite-utils${ofShared}`,
      over(shared?.incremental.rate ?? 0, shared?.sqliteUtils),
      atLeast(3, ratio),
    ),
    check('reindex', reindex.rate, atLeast(170_000, perSecond)),
    check(
      `… / sqlite-utils${ofShared}`,
      over(shared?.reindex.rate ?? 0, shared?.sqliteUtils),
      atLeast(4.5, ratio),
    ),
    check("… / DuckDB's typed load", over(reindex.rate, duckDb), atLeast(0.4, ratio)),
    check(
      `incremental events/s, ${sizes(largest, smaller)}`,
      over(incremental.rate, smaller?.incremental),
      atLeast(0.8, ratio),
    ),
    check(
      `reindex events/s, ${sizes(largest, smaller)}`,
      over(reindex.rate, smaller?.reindex),
      atLeast(0.8, ratio),
    ),
    check('sidecar / JSON Lines', reindex.sizeRatio, atMost(0.85, ratio)),
    check('sidecar / JSON Lines, followed', incremental.sizeRatio, atMost(0.85, ratio)),
  ]
}

function sizes(largest: IngestFigures, smaller: IngestFigures | undefined): string {
  return `${number(largest.events)} events / ${smaller ? number(smaller.events) : 'a tenth'}`
}

interface MemoryFigures {
  readonly largest: IngestFigures | undefined
  readonly query: Figures['query']
  readonly live: Figures['live']
}

function memoryGoals({ largest, query, live }: MemoryFigures): GoalResult[] {
  const bound = atMost(250e6, (value) => `${megabytes(value)} MB`)
  const rows: [string, number | undefined][] = [
    ['peak memory of incremental ingest', largest?.incrementalMemory],
    ['peak memory of reindex', largest?.reindexMemory],
    ['peak memory of serving', query?.serveMemory],
    ['peak memory of ingest and serving in one process', live?.ingest.memory],
  ]
  return rows.flatMap(([figure, value]) =>
    value === undefined ? [] : [check(figure, value, bound)],
  )
}

type QueryPart = NonNullable<Figures['query']>

function queryGoals({ layer, http }: QueryPart): GoalResult[] {
  const goal = (
    figures: QueryPart['layer'],
    where: string,
    shape: string,
    share: 'p50' | 'p99',
    milliseconds: number,
  ): GoalResult =>
    check(
      `${shape}, ${where}: ${share}`,
      figures[shape]?.[share],
      atMost(milliseconds * 1000, inMs),
    )
  const inLayer = (shape: string, share: 'p50' | 'p99', milliseconds: number): GoalResult =>
    goal(layer, 'query layer', shape, share, milliseconds)
  const overHttp = (shape: string, share: 'p50' | 'p99', milliseconds: number): GoalResult =>
    goal(http, 'HTTP', shape, share, milliseconds)
  return [
    inLayer(SHAPES.anyPage, 'p99', 5),
    overHttp(SHAPES.anyPage, 'p99', 10),
    overHttp(SHAPES.largePage, 'p50', 10),
    overHttp(SHAPES.largePage, 'p99', 25),
    inLayer(SHAPES.anyTotal, 'p99', 10),
    inLayer(SHAPES.halfWay, 'p99', 20),
    inLayer(SHAPES.event, 'p99', 1),
    inLayer(SHAPES.deepTrace, 'p99', 20),
    inLayer(SHAPES.hubTrace, 'p99', 20),
  ]
}

function smallRunGoals({ runs, list, idlePassMs }: NonNullable<Figures['index']>['smallRuns']) {
  return [
    check(`/simulations, ${number(runs)} runs, HTTP: p99`, list.p99, atMost(20_000, inMs)),
    check(
      `a pass with nothing new, ${number(runs)} runs`,
      idlePassMs * 1000,
      atMost(200_000, inMs),
    ),
  ]
}

function exportGoals({ events, formats }: NonNullable<Figures['export']>): GoalResult[] {
  const bound = atMost(300e6, (value) => `${megabytes(value)} MB`)
  return formats.map(({ format, memory }) =>
    check(`peak memory of exporting ${number(events)} events as ${format}`, memory, bound),
  )
}

function liveGoals({ ingest, visibility }: NonNullable<Figures['live']>): GoalResult[] {
  return [
    check('emitted → visible in the API: p99', visibility.latency.p99, atMost(250_000, inMs)),
    check(
      'longest block of the HTTP thread during ingest',
      ingest.longestBlockMs * 1000,
      atMost(20_000, inMs),
    ),
  ]
}

function check(figure: string, value: number | undefined, bound: Bound): GoalResult {
  const isMet =
    value !== undefined && (bound.is === 'at least' ? value >= bound.value : value <= bound.value)
  return {
    figure,
    goal: `${bound.is === 'at least' ? '≥' : '≤'} ${bound.format(bound.value)}`,
    measured: value === undefined ? undefined : bound.format(value),
    isMet,
  }
}

function atLeast(value: number, format: Bound['format']): Bound {
  return { is: 'at least', value, format }
}

function atMost(value: number, format: Bound['format']): Bound {
  return { is: 'at most', value, format }
}

function perSecond(value: number): string {
  return `${number(value)} events/s`
}

function ratio(value: number): string {
  return value.toFixed(2)
}

/** @param value in microseconds */
function inMs(value: number): string {
  return `${millis(value)} ms`
}
