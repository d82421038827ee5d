import { KIND_KEYS } from '../src/event/event-type.js'
import type { RecordedEvent } from '../src/store/recorded-event.js'
import { cutPrintable } from './cut-printable.js'
import { kindOf } from './kind-of.js'
import { printable } from './printable.js'

/** What is told of an event where there is little room; none of it can steer a terminal. */
export interface EventLabel {
  /** `turn 37`. */
  readonly turn: string
  /** Its type and its type's own word: `ACTION trade`. */
  readonly what: string
  /** Empty without one, as is the next. */
  readonly agent: string
  /** Its description, or its details without what is told already; cut where it is long. */
  readonly says: string
}

/** What there is room for, in places of a terminal. */
const MAX_WIDTH = 80

/** The parts of an event by which people know it. */
export function describeEvent(event: RecordedEvent): EventLabel {
  const { turn_number: turn, event_type: type, agent_id: agent, details } = event
  return {
    turn: `turn ${turn}`,
    what: printable([type, kindOf(type, details)].filter((word) => word !== '').join(' ')),
    agent: typeof agent === 'string' ? shorten(agent) : '',
    says: shorten(whatItSays(event)),
  }
}

/**
 * What an event says beyond its type, kind and agent: its description, or where it has none,
 * its details as JSON without the word that is its kind. Empty where nothing is left.
 */
export function whatItSays({ event_type: type, description, details }: RecordedEvent): string {
  if (typeof description === 'string') return description
  if (details === undefined || details === null) return ''
  if (kindOf(type, details) === '') return spell(details)
  const rest = Object.entries(details).filter(([key]) => key !== KIND_KEYS[type])
  return rest.length === 0 ? '' : spell(Object.fromEntries(rest))
}

function spell(value: unknown): string {
  try {
    return JSON.stringify(value)
  } catch (error) {
    // Nested so deeply that it can be read but not spelled again.
    if (error instanceof RangeError) return '…'
    throw error
  }
}

function shorten(text: string): string {
  return cutPrintable(text, MAX_WIDTH)
}
