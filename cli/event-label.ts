import { kindOf } from './kind-of.js'
import { printable } from './printable.js'
import type { RecordedEvent } from '../src/store/recorded-event.js'

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

/** In characters. */
const MAX_LENGTH = 80

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
  if (typeof value !== 'string') return ''
  const characters = Array.from(printable(value))
  if (characters.length <= MAX_LENGTH) return characters.join('')
  return `${characters.slice(0, MAX_LENGTH - 1).join('')}…`
}
