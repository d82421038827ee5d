import { hash } from 'node:crypto'
import { canonicalJson } from '../event/canonical-json.js'
import {
  type EventTypeCode,
  eventTypeCode,
  eventTypeOfCode,
  type RecordedEventType,
} from '../event/event-type.js'
import { wholeDetails } from '../event/stored-parts.js'
import type { CellWords, EventCell } from '../sidecar/event-cell.js'

/** What runs are compared by. */
export const ASPECTS = ['decisions', 'actions', 'state'] as const

/** One of {@link ASPECTS}. */
export type Aspect = (typeof ASPECTS)[number]

const ASPECT_BY_TYPE: Partial<Record<RecordedEventType, Aspect>> = {
  DECISION: 'decisions',
  ACTION: 'actions',
  STATE: 'state',
  ENV: 'state',
}

/** The types of events that are compared. */
export const COMPARED_TYPES: readonly EventTypeCode[] = Object.keys(ASPECT_BY_TYPE).flatMap(
  (type) => eventTypeCode(type) ?? [],
)

/** An event, and what of it is compared with those of another run. */
export interface ComparedEvent {
  readonly id: number
  readonly aspect: Aspect
  readonly cell: EventCell
  readonly words: CellWords
  /** In the form they are stored in. */
  readonly details: string | null
}

/**
 * Undefined for events of a type that is not compared.
 *
 * @throws RangeError when there is no such type
 */
export function aspectOf(type: EventTypeCode): Aspect | undefined {
  return ASPECT_BY_TYPE[eventTypeOfCode(type)]
}

/** Whether two events say the same, as far as that can be seen at a glance; most that do are. */
export function isPlainlySame(a: ComparedEvent, b: ComparedEvent): boolean {
  return a.cell === b.cell && a.details === b.details
}

/**
 * What an event says, as a text of one length: two events say the same when they
 * are of one aspect, their agents are equal and their details have the same
 * value. Details that are null are none.
 *
 * @throws RangeError when a damaged sidecar has details that are no JSON
 */
export function contentOf(event: ComparedEvent): string {
  const { aspect, words } = event
  const details = wholeDetails({ ...words, details: event.details })
  const content = `${aspect} ${JSON.stringify(words.agentId)} `
  try {
    const value = details === null ? '' : canonicalJson(details)
    return hash('sha256', content + value, 'base64url')
  } catch (cause) {
    throw new RangeError(`the row ${event.id} has details that are no JSON`, { cause })
  }
}
