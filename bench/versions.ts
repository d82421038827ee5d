import { cpus, totalmem } from 'node:os'
import { version as duckDbVersion } from '@duckdb/node-api'
import Database from 'better-sqlite3'
import { generateEvents } from './generate.js'
import { median } from './measure.js'
import { sqliteUtilsVersion } from './sqlite-utils.js'

/** What the figures were measured on and with, by what it is called. */
export async function readVersions(): Promise<Readonly<Record<string, string>>> {
  return {
    processor: `${cpus()[0]?.model.trim() ?? 'unknown'}, ${cpus().length} cores`,
    'JSON.parse of an event': `${parseMicros().toFixed(1)} µs (median, behind all else)`,
    memory: `${Math.round(totalmem() / 2 ** 30)} GiB`,
    'Node.js': process.version,
    SQLite: sqliteVersion(),
    DuckDB: duckDbVersion(),
    'sqlite-utils': (await sqliteUtilsVersion()) ?? 'not installed, so not measured',
  }
}

const PARSE_ROUNDS = 9
const EVENTS_PER_ROUND = 20_000

/** How fast the machine is, in what everybody knows: the time to parse an event, in microseconds. */
function parseMicros(): number {
  const events = generateEvents({ root: '', simulationId: 'bench', events: 10, agents: 1 })
  const line = [...events].at(-1) ?? ''
  const rounds = Array.from({ length: PARSE_ROUNDS }, () => {
    const startedAt = performance.now()
    for (let event = 0; event < EVENTS_PER_ROUND; event++) JSON.parse(line)
    return ((performance.now() - startedAt) * 1000) / EVENTS_PER_ROUND
  })
  return median(rounds)
}

function sqliteVersion(): string {
  const connection = new Database(':memory:')
  const version = connection.prepare('SELECT sqlite_version()').pluck().get()
  connection.close()
  return String(version)
}
