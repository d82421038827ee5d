import { cpus, totalmem } from 'node:os'
import Database from 'better-sqlite3'
import type { EmitFigures } from './emit.js'
import { describeEmit } from './emit-report.js'
import { describeOrchestrator } from './orchestrate-report.js'
import type { OrchestrateFigures } from './orchestrate.js'
import { mebibytes, millis, number } from './format-figure.js'
import type { IngestFigures } from './ingest.js'
import type { QueryFigure } from './query.js'

/** All that was measured, and on how much. */
export interface Figures {
  /** Events generated for ingest and queries. */
  readonly events: number
  readonly bytesPerEvent: number
  readonly agents: number
  readonly emitEvents: number
  readonly emitRounds: number
  readonly emit: EmitFigures
  readonly orchestrate: OrchestrateFigures
  readonly ingestRounds: number
  readonly ingest: IngestFigures
  readonly queryRounds: number
  readonly queries: readonly QueryFigure[]
  /** Bytes of resident memory that ingest and queries had at the most. */
  readonly peakMemory: number
}

/** The report as Markdown: the machine first, since figures mean nothing without it. */
export function describe(figures: Figures): string {
  const { events, bytesPerEvent, agents, emitEvents, emitRounds, emit, orchestrate } = figures
  const { ingestRounds, ingest, queryRounds, queries, peakMemory } = figures
  const command = `npm run bench -- --events ${events} --emit-events ${emitEvents}`
  return `# Benchmarks

Written by \`${command}\` on ${new Date().toISOString().slice(0, 10)}.
Ratios travel between machines, absolute figures do not.

| machine | |
|---|---|
| processor | ${cpus()[0]?.model.trim() ?? 'unknown'}, ${cpus().length} cores |
| memory | ${Math.round(totalmem() / 2 ** 30)} GiB |
| Node.js | ${process.version} |
| SQLite | ${sqliteVersion()} |
| events | ${number(events)} generated, ${Math.round(bytesPerEvent)} bytes each, ${agents} agents, one run |

## Emit

${describeEmit(emit, emitEvents, emitRounds)}
${describeOrchestrator(orchestrate, emitRounds)}
## Ingest

Medians of ${ingestRounds} rounds, everything on: validation, indexes, edges, rollups.

| | |
|---|---|
| incremental | ${number(ingest.incremental)} events/s |
| reindex | ${number(ingest.rebuild)} events/s |
| sidecar / JSON Lines | ${ingest.sizeRatio.toFixed(2)} |
| a pass with nothing new | ${ingest.idlePassMs.toFixed(1)} ms |
| peak memory of ingest and queries | ${mebibytes(peakMemory)} MiB |

## Queries

In the query layer, ${queryRounds} calls each on random places, warm; pages with their exact total.

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
