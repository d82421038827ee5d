import type { EventType } from './event-type.js'

/** How much of a simulation is recorded, from the least to everything. */
export const VERBOSITY_LEVELS = ['MILESTONE', 'DECISION', 'ACTION', 'STATE', 'DETAIL'] as const

/** One of the five levels. */
export type Verbosity = (typeof VERBOSITY_LEVELS)[number]

/** The level a writer has unless told otherwise. */
export const DEFAULT_VERBOSITY: Verbosity = 'ACTION'

/**
 * The types each level records. Every level contains the one before it, and
 * DETAIL adds SYSTEM.
 */
export const CAPTURED_TYPES: Readonly<Record<Verbosity, ReadonlySet<EventType>>> = {
  MILESTONE: new Set(['MILESTONE']),
  DECISION: new Set(['MILESTONE', 'DECISION']),
  ACTION: new Set(['MILESTONE', 'DECISION', 'ACTION']),
  STATE: new Set(['MILESTONE', 'DECISION', 'ACTION', 'STATE']),
  DETAIL: new Set(['MILESTONE', 'DECISION', 'ACTION', 'STATE', 'DETAIL', 'SYSTEM']),
}

/** Whether a level records a type. */
export function captures(level: Verbosity, type: EventType): boolean {
  return CAPTURED_TYPES[level].has(type)
}
