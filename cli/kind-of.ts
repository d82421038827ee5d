import { KIND_KEYS, type RecordedEventType } from '../src/event/event-type.js'

/** The type's own word of an event, as its details have it; empty without one. */
export function kindOf(type: RecordedEventType, details: unknown): string {
  if (typeof details !== 'object' || details === null) return ''
  const kind: unknown = Object.entries(details).find(([key]) => key === KIND_KEYS[type])?.[1]
  return typeof kind === 'string' ? kind : ''
}
