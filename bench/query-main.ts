import { existsSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { Command } from 'commander'
import { indexRoot } from '../indexer/index-root.js'
import { reindexRoot } from '../indexer/reindex.js'
import { millis, number } from './format-figure.js'
import { type GeneratedRun, writeRun } from './generate.js'
import { parseCount } from './parse-count.js'
import { measureQueries } from './query.js'

interface Options {
  readonly root: string
  readonly events: number
  readonly agents: number
  readonly rounds: number
  readonly incremental: boolean
}

/** Queries alone, on a run that is kept: for one too large to be generated each time. */
async function main(): Promise<void> {
  const program = new Command('query-bench')
    .description(
      'Measures the queries on a generated run, which is made where it is not there yet.',
    )
    .requiredOption('--root <directory>', 'where the run is, or is made')
    .option('--events <number>', 'events of the run', parseCount, 1_000_000)
    .option('--agents <number>', 'agents of the run', parseCount, 20)
    .option('--rounds <number>', 'calls of each query', parseCount, 300)
    .option('--incremental', 'index it as it is followed, not in bulk', false)
    .parse()
  const { root, events, agents, rounds, incremental } = program.opts<Options>()
  const run: GeneratedRun = { root, simulationId: 'bench', events, agents }
  const db = join(root, '.turnlog', 'index.db')
  if (!existsSync(join(root, run.simulationId))) writeRun(run)
  if (!existsSync(db)) {
    const { seconds, bytes } = await (incremental ? indexRoot : reindexRoot)({ root, db })
    const ratio = (statSync(db).size / bytes).toFixed(3)
    print(`indexed ${number(events / seconds)} events/s, sidecar / JSON Lines ${ratio}`)
  }
  for (const { shape, latency } of await measureQueries(db, run, rounds)) {
    print(`| ${shape} | ${millis(latency.p50)} | ${millis(latency.p99)} |`)
  }
}

function print(line: string): void {
  process.stdout.write(`${line}\n`)
}

await main()
