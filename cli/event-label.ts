import type { RecordedEvent } from '../src/store/recorded-event.js'
import { cutToWidth } from './display-width.js'
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
  /** Its description, cut where it is long. */
  readonly says: string
}

/** What there is room for, in places of a terminal. */
export const MAX_WIDTH = 80

/** The parts of an event by which people know it. */
export function describeEvent(event: RecordedEvent): EventLabel {
  const { turn_number: turn, event_type: type, agent_id: agent, description, details } = event
  return {
    turn: `turn ${turn}`,
    what: printable([type, kindOf(type, details)].filter((word) => word !== '').join(' ')),
    agent: shorten(agent),
    says: shorten(description),
  }
}

function shorten(value: unknown): string {
  return typeof value === 'string' ? cutToWidth(printable(value), MAX_WIDTH) : ''
}
