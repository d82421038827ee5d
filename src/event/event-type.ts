/** The six kinds of event, from the coarsest to the finest; `SYSTEM` stands apart. */
export const EVENT_TYPES = ['MILESTONE', 'DECISION', 'ACTION', 'STATE', 'DETAIL', 'SYSTEM'] as const

/** One of the six kinds of event. */
export type EventType = (typeof EVENT_TYPES)[number]

const eventTypes: ReadonlySet<unknown> = new Set(EVENT_TYPES)

/** Whether a value is one of the six words. */
export function isEventType(value: unknown): value is EventType {
  return eventTypes.has(value)
}

/**
 * Types a line may carry: the six, and `ENV`, the word newer llm-sim releases
 * write for `STATE`. It is kept and returned as written; a filter on either
 * name finds both.
 */
export const RECORDED_EVENT_TYPES = [...EVENT_TYPES, 'ENV'] as const

/** A type as a line spells it. */
export type RecordedEventType = (typeof RECORDED_EVENT_TYPES)[number]

/** The integer a type is stored as: its place in {@link RECORDED_EVENT_TYPES}, from 1. */
export type EventTypeCode = number

const codeByType: ReadonlyMap<string, EventTypeCode> = new Map(
  RECORDED_EVENT_TYPES.map((type, index) => [type, index + 1]),
)

/** The code of a type, or undefined for a word that is no type. */
export function eventTypeCode(type: string): EventTypeCode | undefined {
  return codeByType.get(type)
}

/** The type a code stands for; the inverse of {@link eventTypeCode}. */
export function eventTypeOfCode(code: EventTypeCode): RecordedEventType {
  const type = RECORDED_EVENT_TYPES[code - 1]
  if (type === undefined) throw new RangeError(`no event type has the code ${code}`)
  return type
}

/** Every spelling a filter on `type` must find: `STATE` and `ENV` are one. */
export function spellingsOf(type: RecordedEventType): readonly RecordedEventType[] {
  return type === 'STATE' || type === 'ENV' ? ['STATE', 'ENV'] : [type]
}

/**
 * Where each type keeps its own word within `details`: the key whose value the
 * sidecar stores as `kind`.
 */
export const KIND_KEYS: Readonly<Record<RecordedEventType, string>> = {
  MILESTONE: 'milestone_type',
  DECISION: 'decision_type',
  ACTION: 'action_type',
  STATE: 'variable_name',
  ENV: 'variable_name',
  DETAIL: 'calculation_type',
  SYSTEM: 'status',
}
