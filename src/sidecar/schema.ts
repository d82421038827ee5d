import type { Generated } from 'kysely'

/**
 * The tables of the sidecar as TypeScript sees them. Times are microseconds
 * since 1970, sizes and offsets bytes; `docs/sql.md` documents the views that
 * stand in front of them.
 */
export interface SidecarTables {
  simulation: SimulationTable
  segment: SegmentTable
  reject: RejectTable
  event: EventTable
  event_time: EventTimeTable
  edge: EdgeTable
  dangling: DanglingTable
  turn: TurnTable
  rollup: RollupTable
  agent: DictionaryTable
  kind: DictionaryTable
  event_type: DictionaryTable
}

/** A run. */
export interface SimulationTable {
  id: Generated<number>
  /** The name of its directory. */
  name: string
  event_count: Generated<number>
  reject_count: Generated<number>
  duplicate_count: Generated<number>
  first_timestamp: number | null
  last_timestamp: number | null
  /** The id of the last event in (timestamp, event_id) order. */
  last_event_id: string | null
  first_turn: number | null
  last_turn: number | null
  /** The smallest and the largest row id among its events. */
  first_row: number | null
  last_row: number | null
  /** 1 while the order of event.id is the order of (timestamp, event_id). */
  ordered: Generated<number>
}

/** A segment and how far it is indexed. */
export interface SegmentTable {
  id: Generated<number>
  simulation: number
  name: string
  /** Bytes, when the indexer last looked. */
  size: number
  device: number
  inode: number
  modified_ms: number
  /** The offset of the first byte not indexed. */
  checkpoint: number
  /** CRC-32 of everything before the checkpoint. */
  prefix_crc: number
  /** CRC-32 of the last bytes before the checkpoint. */
  tail_crc: number
  event_count: Generated<number>
  reject_count: Generated<number>
  duplicate_count: Generated<number>
}

/** A complete line that is no event. */
export interface RejectTable {
  id: Generated<number>
  simulation: number
  segment: number
  offset: number
  length: number
  reason: string
}

/** An event; `LineParts` says how its line is spelled again. */
export interface EventTable {
  id: Generated<number>
  simulation: number
  segment: number
  offset: number
  length: number
  timestamp: number
  turn: number
  type: number
  kind: number | null
  agent: number | null
  shape: number
  event_id: string
  caused_by: string | null
  description: string | null
  details: string | null
  raw: string | null
}

/** The events of runs that are not `ordered`, in order. */
export interface EventTimeTable {
  simulation: number
  timestamp: number
  event_id: string
  event: number
}

/** That one event was caused by another. */
export interface EdgeTable {
  cause: number
  effect: number
}

/** That an event names a cause which is not indexed. */
export interface DanglingTable {
  simulation: number
  cause_event_id: string
  effect: number
}

/** Where the events of a turn lie among the rows of `event`, and how many they are. */
export interface TurnTable {
  simulation: number
  turn: number
  first_row: number
  last_row: number
  events: number
}

/** How many events a run has in a bucket of turns, by type and agent (0: none). */
export interface RollupTable {
  simulation: number
  bucket: number
  type: number
  agent: number
  events: number
}

/** A word and the integer that stands for it. */
export interface DictionaryTable {
  id: Generated<number>
  name: string
}

/** Turns per rollup bucket. */
export const TURNS_PER_BUCKET = 64
