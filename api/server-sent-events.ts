import type { ArrivedEvent } from '../src/query/arrived-events.js'

/** What a stream of events is. */
export const EVENT_STREAM = 'text/event-stream'

/** How long a client is to wait before it connects again, in milliseconds. */
const RETRY_MS = 1_000

/** A place in the stream of a run: behind the event with this id, or before the first one. */
export type StreamPlace = string | null

/** Stands before the first event: no id is spelled like this, since the sign would be encoded. */
const BEFORE_FIRST = '^'

/** A place as a client gives it back: an event id, percent-encoded where a header could not hold it. */
export function spellPlace(behind: StreamPlace): string {
  return behind === null ? BEFORE_FIRST : encodeURIComponent(behind)
}

/** @returns undefined when the text is no place */
export function parsePlace(text: string): StreamPlace | undefined {
  if (text === BEFORE_FIRST) return null
  try {
    return decodeURIComponent(text) || undefined
  } catch {
    return undefined
  }
}

/** What a stream begins with: the place is known before the first event comes. */
export function spellStart(behind: StreamPlace): string {
  return `retry: ${RETRY_MS}\n${spellMove(behind)}`
}

/** Moves a client on over events it is not sent. */
export function spellMove(behind: StreamPlace): string {
  return `id: ${spellPlace(behind)}\n\n`
}

/** An event, and its place. */
export function spellEvent({ eventId, text }: Pick<ArrivedEvent, 'eventId' | 'text'>): string {
  // JSON may have a carriage return between its parts, where any other space says the same.
  const data = text.includes('\r') ? text.replaceAll('\r', '\ndata: ') : text
  return `event: event\nid: ${spellPlace(eventId)}\ndata: ${data}\n\n`
}

/** Shows that the connection is there while nothing happens. */
export const HEARTBEAT = ': nothing new\n\n'
