import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { cpus, tmpdir, totalmem } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { Command, InvalidArgumentError } from 'commander'
import { type EmitFigures, measureEmit } from './emit.js'
import { type GeneratedRun, writeRun } from './generate.js'
import { type IngestFigures, measureIngest } from './ingest.js'
import { measureQueries, type QueryFigure } from './query.js'

const DEFAULT_EVENTS = 100_000
const AGENTS = 20
const INGEST_ROUNDS = 3
const QUERY_ROUNDS = 300
const REPORT = 'docs/benchmarks.md'

interface Figures {
  readonly events: number
  readonly bytesPerEvent: number
  readonly emit: EmitFigures
  readonly ingest: IngestFigures
  readonly queries: readonly QueryFigure[]
  readonly peakMemory: number
}

async function main(): Promise<void> {
  const program = new Command('bench')
    .description(`Measures emit, ingest and queries on generated events and writes ${REPORT}.`)
    .option('--events <number>', 'events to generate', parseCount, DEFAULT_EVENTS)
    .parse()
  const { events } = program.opts<{ events: number }>()
  const figures = await measure(events)
  const report = describe(figures)
  process.stdout.write(report)
  writeFileSync(REPORT, report)
}

function parseCount(text: string): number {
  const value = Number(text)
  if (Number.isSafeInteger(value) && value > 0) return value
  throw new InvalidArgumentError('a whole number from 1.')
}

async function measure(events: number): Promise<Figures> {
  const root = mkdtempSync(join(tmpdir(), 'turnlog-bench-'))
  const run: GeneratedRun = { root, simulationId: 'bench', events, agents: AGENTS }
  const db = join(root, '.turnlog', 'index.db')
  try {
    const bytes = writeRun(run)
    return {
      events,
      bytesPerEvent: bytes / events,
      ingest: await measureIngest(root, db, bytes, INGEST_ROUNDS),
      queries: await measureQueries(db, run, QUERY_ROUNDS),
      emit: await measureEmit(join(root, 'emitted'), events),
      peakMemory: process.resourceUsage().maxRSS * 1024,
    }
  } finally {
    rmSync(root, { recursive: true })
  }
}

function describe({ events, bytesPerEvent, emit, ingest, queries, peakMemory }: Figures): string {
  const { p50, p99, p999 } = emit.latency
  return `# Benchmarks

Written by \`npm run bench -- --events ${events}\` on ${new Date().toISOString().slice(0, 10)}. Ratios travel between machines,
absolute figures do not.

| machine | |
|---|---|
| processor | ${cpus()[0]?.model.trim() ?? 'unknown'}, ${cpus().length} cores |
| memory | ${Math.round(totalmem() / 2 ** 30)} GiB |
| Node.js | ${process.version} |
| SQLite | ${sqliteVersion()} |
| events | ${number(events)} generated, ${Math.round(bytesPerEvent)} bytes each, ${AGENTS} agents, one run |

## Emit

From the call of the builder to the return of \`emit()\`, in one loop that never yields.

| | |
|---|---|
| p50 | ${micros(p50)} µs |
| p99 | ${micros(p99)} µs |
| p99.9 | ${micros(p999)} µs |
| to the file | ${number(emit.rate)} events/s |
| dropped | ${emit.dropped} |

## Ingest

Medians of ${INGEST_ROUNDS} rounds, everything on: validation, indexes, edges, rollups.

| | |
|---|---|
| incremental | ${number(ingest.incremental)} events/s |
| reindex | ${number(ingest.rebuild)} events/s |
| sidecar / JSON Lines | ${ingest.sizeRatio.toFixed(2)} |
| a pass with nothing new | ${ingest.idlePassMs.toFixed(1)} ms |
| peak memory of the whole benchmark | ${Math.round(peakMemory / 2 ** 20)} MiB |

## Queries

In the query layer, ${QUERY_ROUNDS} calls each on random places, warm; pages with their exact total.

| query | p50 ms | p99 ms |
|---|---|---|
${queries.map(({ shape, latency }) => `| ${shape} | ${millis(latency.p50)} | ${millis(latency.p99)} |`).join('\n')}
`
}

function sqliteVersion(): string {
  const connection = new Database(':memory:')
  const version = connection.prepare('SELECT sqlite_version()').pluck().get()
  connection.close()
  return String(version)
}

function number(value: number): string {
  return Math.round(value).toLocaleString('en-US')
}

function micros(value: number): string {
  return value.toFixed(1)
}

function millis(value: number): string {
  return (value / 1000).toFixed(2)
}

await main()
