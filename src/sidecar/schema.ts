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
  stretch: StretchTable
  leaf: LeafTable
  edge: EdgeTable
  dangling: DanglingTable
  agent: DictionaryTable
  kind: DictionaryTable
  cell: CellTable
  participant: ParticipantTable
  event_type: DictionaryTable
  search_progress: SearchProgressTable
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
  /** Of the last change; below 0 while reading has not come to the end of `size`. */
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
  cell: number
  shape: number
  event_id: string
  caused_by: string | null
  description: string | null
  details: string | null
  raw: string | null
}

/**
 * Up to {@link MAX_LEAVES} leaves of a run, which follow each other, and how
 * many events they have: what is asked of a whole run is put together from
 * stretches, and only those at its edges are opened.
 */
export interface StretchTable {
  id: Generated<number>
  simulation: number
  /** The position of its first event. */
  first_timestamp: number
  first_event_id: string
  events: number
  /** The least and the largest turn among its events. */
  first_turn: number
  last_turn: number
  /** The ids of its leaves, in no order; these columns are packed, see `packNumbers`. */
  leaves: Uint8Array
  /** The cells it has events of, and, in the same order, how many. */
  cells: Uint8Array
  cell_events: Uint8Array
  /** In which leaves they are: bit n stands for the one that is named n-th. */
  cell_leaves: Uint8Array
}

/**
 * Up to {@link MAX_LEAF_EVENTS} events that follow each other in the order of
 * (timestamp, event_id), column by column; see `packNumbers`.
 */
export interface LeafTable {
  id: Generated<number>
  stretch: number
  /** The position of its first event. */
  first_timestamp: number
  first_event_id: string
  events: number
  first_turn: number
  last_turn: number
  /** The cells it has events of, and how many of each, as a stretch has them. */
  cells: Uint8Array
  cell_events: Uint8Array
  /** The cell of each event; likewise the columns below. */
  event_cells: Uint8Array
  turns: Uint8Array
  /** Row ids of `event`. */
  event_rows: Uint8Array
  timestamps: Uint8Array
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

/** What events are filtered and counted by; see `EventCell`. */
export interface CellTable {
  id: Generated<number>
  type: number
  agent: number | null
  kind: number | null
  /** A JSON array of names, sorted; null without. */
  participants: string | null
}

/** That an agent is among the participants of a cell. */
export interface ParticipantTable {
  agent: number
  cell: number
}

/** A word and the integer that stands for it. */
export interface DictionaryTable {
  id: Generated<number>
  name: string
}

/** How far `event_search`, the full-text index, has come; it has one row. */
export interface SearchProgressTable {
  /** The row id of the last event that can be searched; 0 before the first. */
  last_row: number
  /** How many events can be searched. */
  events: number
}

/** The full-text index and what belongs to it; see `SearchProgressTable` for how far it has come. */
export interface SearchTables {
  event_text: EventTextView
  event_search: EventSearchTable
  event_word: EventWordTable
}

/** What is searched of an event. */
export interface EventTextView {
  /** The row id of `event`. */
  id: number
  description: string | null
  /** JSON in which nothing is escaped, for its words alone. */
  details: string | null
}

/** The full-text index itself, over the columns of {@link EventTextView}. */
export interface EventSearchTable {
  /** The row id of `event`. */
  rowid: number
}

/** Every occurrence of every word in the index, in the order of the words. */
export interface EventWordTable {
  /** Without case and diacritics. */
  term: string
}

/** Events in a leaf: what is read and written again when one of them is added. */
export const MAX_LEAF_EVENTS = 4096

/** Leaves in a stretch: what is read, at each end, of a run that is counted in part. They have a bit each. */
export const MAX_LEAVES = 32
