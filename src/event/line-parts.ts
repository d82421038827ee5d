import type { EventTypeCode } from './event-type.js'
import type { TimestampMicros } from './timestamp.js'

/**
 * One line of a segment, taken apart for the sidecar. Either the parts spell
 * the line again, byte for byte (`encodeLine`), or `raw` carries it whole:
 * what is read back is always what was written. `causedBy` and `details` may be
 * in the form they are stored in, see `storedCausedBy`.
 */
export interface LineParts {
  readonly eventId: string
  readonly timestamp: TimestampMicros
  readonly turn: number
  readonly type: EventTypeCode
  readonly agentId: string | null
  /** The JSON array as the line spells it. */
  readonly causedBy: string | null
  readonly description: string | null
  /** The type's own word (milestone_type, action_type, …), where `details` has one. */
  readonly kind: string | null
  /** The JSON value as the line spells it, so that numbers keep their spelling. */
  readonly details: string | null
  /** Which optional keys the line has, and which of them are null; see {@link shapeOf}. */
  readonly shape: number
  /** The whole line, where the parts above would not spell it. */
  readonly raw: string | null
}

/** A decoded line: its parts, and what queries need beside them. */
export interface DecodedLine extends LineParts {
  /** The causes it names, each once, in the order of the line. */
  readonly causes: readonly string[]
  /** The agents that {@link PARTICIPANTS_KEY} names, likewise. */
  readonly participants: readonly string[]
}

/** Where the details of an interaction name everyone who takes part. */
export const PARTICIPANTS_KEY = 'participating_agent_ids'

/** The names in what stands under {@link PARTICIPANTS_KEY}, as far as there are any. */
export function namesIn(value: unknown): readonly string[] {
  if (!Array.isArray(value)) return NO_NAMES
  const names = value.filter((name) => typeof name === 'string' && name.isWellFormed()) as string[]
  return [...new Set(names)]
}

/** What most lines name. */
export const NO_NAMES: readonly string[] = []

/** What a line has under an optional key: nothing, null, or a value. */
export const ABSENT = 0
/** See {@link ABSENT}. */
export const NULL = 1
const PRESENT = 2

/** From this shape on a line names its simulation. */
export const NAMES_SIMULATION = 81

/** The values under the optional keys of a line, undefined where it has no such key. */
export interface OptionalFields {
  readonly agent_id?: unknown
  readonly caused_by?: unknown
  readonly description?: unknown
  readonly details?: unknown
  readonly simulation_id?: unknown
}

/**
 * Which optional keys a line has: one base-3 digit for each of agent_id,
 * caused_by, description and details (0 absent, 1 null, 2 a value) and, above
 * them, whether the line names its simulation.
 */
export function shapeOf(fields: OptionalFields): number {
  return (
    presenceOf(fields.agent_id) +
    3 * presenceOf(fields.caused_by) +
    9 * presenceOf(fields.description) +
    27 * presenceOf(fields.details) +
    (fields.simulation_id === undefined ? 0 : NAMES_SIMULATION)
  )
}

function presenceOf(value: unknown): number {
  if (value === undefined) return ABSENT
  return value === null ? NULL : PRESENT
}
