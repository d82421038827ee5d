import { KIND_KEYS } from '../src/event/event-type.js'
import { textAt, topLevelSpans } from '../src/event/json-spans.js'
import type { RecordedEvent } from '../src/store/recorded-event.js'
import { cutPrintable } from './cut-printable.js'
import { kindOf } from './kind-of.js'

/** What is told of an event where there is little room; none of it can steer a terminal. */
export interface EventLabel {
  /** Its timestamp, as it is spelled. */
  readonly time: string
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

/**
 * The parts of an event by which people know it.
 *
 * @param text the event as it was recorded
 */
export function describeEvent(text: string): EventLabel {
  const event = JSON.parse(text) as RecordedEvent
  const { turn_number: turn, event_type: type, agent_id: agent, details } = event
  return {
    time: shorten(event.timestamp),
    turn: `turn ${turn}`,
    what: shorten([type, kindOf(type, details)].filter((word) => word !== '').join(' ')),
    agent: typeof agent === 'string' ? shorten(agent) : '',
    says: shorten(whatItSays(event, text)),
  }
}

/**
 * What an event says beyond its type, kind and agent: its description, or where it has none,
 * its details as they are spelled, without the word that is its kind. Empty where nothing is left.
 *
 * @param text the event as it was recorded
 */
export function whatItSays(
  { event_type: type, description, details }: RecordedEvent,
  text: string,
): string {
  if (typeof description === 'string') return description
  if (details === undefined || details === null) return ''
  const spelled = textAt(text, ['details']) ?? ''
  if (kindOf(type, details) === '') return spelled
  const rest = [...topLevelSpans(spelled)]
    .filter(([key]) => key !== KIND_KEYS[type])
    .map(([key, { start, end }]) => `${JSON.stringify(key)}:${spelled.slice(start, end)}`)
  return rest.length === 0 ? '' : `{${rest.join(',')}}`
}

function shorten(text: string): string {
  return cutPrintable(text, MAX_WIDTH)
}
