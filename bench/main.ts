import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Command } from 'commander'
import { measureEmit } from './emit.js'
import { type GeneratedRun, writeRun } from './generate.js'
import { measureIngest } from './ingest.js'
import { measureOrchestrator } from './orchestrate.js'
import { parseCount } from './parse-count.js'
import { measureQueries } from './query.js'
import { describe, type Figures } from './report.js'

const DEFAULT_EVENTS = 100_000
const DEFAULT_EMIT_EVENTS = 1_000_000
const AGENTS = 20
const EMIT_ROUNDS = 5
const INGEST_ROUNDS = 3
const QUERY_ROUNDS = 300
const REPORT = 'docs/benchmarks.md'

interface Options {
  readonly events: number
  readonly emitEvents: number
}

async function main(): Promise<void> {
  const program = new Command('bench')
    .description(`Measures emit, ingest and queries on generated events and writes ${REPORT}.`)
    .option('--events <number>', 'events to ingest and query', parseCount, DEFAULT_EVENTS)
    .option('--emit-events <number>', 'events to emit', parseCount, DEFAULT_EMIT_EVENTS)
    .parse()
  const report = describe(await measure(program.opts<Options>()))
  process.stdout.write(report)
  writeFileSync(REPORT, report)
}

async function measure({ events, emitEvents }: Options): Promise<Figures> {
  const root = mkdtempSync(join(tmpdir(), 'turnlog-bench-'))
  const run: GeneratedRun = { root, simulationId: 'bench', events, agents: AGENTS }
  const db = join(root, '.turnlog', 'index.db')
  try {
    const bytes = writeRun(run)
    return {
      events,
      bytesPerEvent: bytes / events,
      agents: AGENTS,
      ingestRounds: INGEST_ROUNDS,
      ingest: await measureIngest(root, db, bytes, INGEST_ROUNDS),
      queryRounds: QUERY_ROUNDS,
      queries: await measureQueries(db, run, QUERY_ROUNDS),
      peakMemory: process.resourceUsage().maxRSS * 1024,
      emitEvents,
      emitRounds: EMIT_ROUNDS,
      emit: await measureEmit(join(root, 'emitted'), emitEvents, EMIT_ROUNDS),
      orchestrate: await measureOrchestrator(join(root, 'orchestrated'), EMIT_ROUNDS),
    }
  } finally {
    rmSync(root, { recursive: true })
  }
}

await main()
