import { formatTimestamp, type TimestampMicros } from '../event/timestamp.js'
import type { Snapshot } from '../sidecar/sidecar-reader.js'

/** A run in a list. */
export interface SimulationItem {
  /** The name of its directory. */
  readonly id: string
  /** The id without date, time and number of agents. */
  readonly name: string
  /** Timestamps of the earliest and the latest event; null without events. */
  readonly start_time: string | null
  readonly end_time: string | null
  readonly event_count: number
  readonly reject_count: number
  readonly duplicate_count: number
  /** The turns it spans; null without events. */
  readonly first_turn: number | null
  readonly last_turn: number | null
}

/** The columns of {@link toSimulationItem}. */
export const SIMULATION_COLUMNS = [
  'name',
  'event_count',
  'reject_count',
  'duplicate_count',
  'first_timestamp',
  'last_timestamp',
  'first_turn',
  'last_turn',
] as const

interface SimulationItemRow {
  readonly name: string
  readonly event_count: number
  readonly reject_count: number
  readonly duplicate_count: number
  readonly first_timestamp: number | null
  readonly last_timestamp: number | null
  readonly first_turn: number | null
  readonly last_turn: number | null
}

/** Every run, by id. */
export async function listSimulations(snapshot: Snapshot): Promise<SimulationItem[]> {
  const rows = await snapshot
    .selectFrom('simulation')
    .select(SIMULATION_COLUMNS)
    .orderBy('name')
    .execute()
  return rows.map(toSimulationItem)
}

/** A run as it is shown. */
export function toSimulationItem(row: SimulationItemRow): SimulationItem {
  return {
    id: row.name,
    name: simulationName(row.name),
    start_time: toIso(row.first_timestamp),
    end_time: toIso(row.last_timestamp),
    event_count: row.event_count,
    reject_count: row.reject_count,
    duplicate_count: row.duplicate_count,
    first_turn: row.first_turn,
    last_turn: row.last_turn,
  }
}

function toIso(micros: number | null): string | null {
  return micros === null ? null : formatTimestamp(micros as TimestampMicros)
}

const GENERATED_SUFFIX = /-\d{8}-\d{6}-\d+agents$/

/**
 * What a run is called: its id without a trailing `-YYYYMMDD-HHMMSS-<n>agents`,
 * else up to its first `-`.
 */
export function simulationName(id: string): string {
  const named = GENERATED_SUFFIX.test(id) ? id.replace(GENERATED_SUFFIX, '') : id.split('-')[0]
  return named === undefined || named === '' ? id : named
}
