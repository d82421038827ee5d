/** An event as the page needs it. */
export interface PageEvent {
  /** Its place in the order of time. */
  readonly place: number
  /** The whole event as it was recorded, a JSON text. */
  readonly line: string
  readonly id: string
  readonly timestamp: string
  readonly turn: number
  /** `ENV` of older recordings is a `STATE`. */
  readonly type: string
  readonly agent: string
  readonly description: string
  readonly causes: readonly string[]
}

/** The events of the page, and how they hang together. */
export interface RecordedEvents {
  readonly all: readonly PageEvent[]
  readonly byId: ReadonlyMap<string, PageEvent>
  /** By the id of a cause, in the order of time. */
  readonly effects: ReadonlyMap<string, readonly PageEvent[]>
}

/** @param text JSON Lines in the order of time */
export function readEvents(text: string): RecordedEvents {
  const all: PageEvent[] = []
  for (const line of text.split('\n')) if (line !== '') all.push(readEvent(line, all.length))
  const byId = new Map(all.map((event) => [event.id, event]))
  const effects = new Map<string, PageEvent[]>()
  for (const event of all) {
    for (const cause of event.causes) {
      const known = effects.get(cause)
      if (known === undefined) effects.set(cause, [event])
      else known.push(event)
    }
  }
  return { all, byId, effects }
}

function readEvent(line: string, place: number): PageEvent {
  const event = JSON.parse(line) as Readonly<Record<string, unknown>>
  return {
    place,
    line,
    id: textOf(event['event_id']),
    timestamp: textOf(event['timestamp']),
    turn: Number(event['turn_number']),
    type: typeOf(textOf(event['event_type'])),
    agent: textOf(event['agent_id']),
    description: textOf(event['description']),
    causes: causesOf(event['caused_by']),
  }
}

/** The name that the page knows a type by. */
export function typeOf(name: string): string {
  return name === 'ENV' ? 'STATE' : name
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : ''
}

function causesOf(value: unknown): string[] {
  const named: readonly unknown[] = Array.isArray(value) ? value : [value]
  return [...new Set(named.filter((cause) => typeof cause === 'string'))]
}
