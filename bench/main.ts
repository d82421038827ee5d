import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Command, Option } from 'commander'
import { measureParts, PARTS, type PartName } from './parts.js'
import { parseCount } from './parse-count.js'
import { describe } from './report.js'

const DEFAULT_EVENTS = 1_000_000
const DEFAULT_EMIT_EVENTS = 1_000_000
const DEFAULT_LOAD_SECONDS = 60
const REPORT = 'docs/benchmarks.md'

interface Options {
  readonly events: number
  readonly emitEvents: number
  readonly loadSeconds: number
  readonly only?: readonly PartName[]
}

async function main(): Promise<void> {
  const program = new Command('bench')
    .description(`Measures turnlog and its peers on generated events and writes ${REPORT}.`)
    .option('--events <number>', 'events to ingest and query', parseCount, DEFAULT_EVENTS)
    .option('--emit-events <number>', 'events to emit', parseCount, DEFAULT_EMIT_EVENTS)
    .option('--load-seconds <number>', 'seconds of load', parseCount, DEFAULT_LOAD_SECONDS)
    .addOption(
      new Option('--only <parts...>', 'these parts alone; the report is not written').choices(
        PARTS,
      ),
    )
    .parse()
  const { only, ...amounts } = program.opts<Options>()
  const directory = mkdtempSync(join(tmpdir(), 'turnlog-bench-'))
  try {
    const plan = { directory, ...amounts }
    const figures = await measureParts(plan, only ?? PARTS, (part) => {
      process.stderr.write(`measuring ${part}\n`)
    })
    const report = await describe(plan, figures)
    process.stdout.write(report)
    if (only === undefined) writeFileSync(REPORT, report)
  } finally {
    rmSync(directory, { recursive: true })
  }
}

await main()
