import { AsyncLocalStorage } from 'node:async_hooks'
import { TurnlogError } from '../errors.js'
import type { EventId } from '../event/event-id.js'
import type { TurnlogEvent } from '../event/event-schema.js'
import { UnrecordedEvents } from './unrecorded-events.js'

/** What brings events about: an event, the id of one, or several of them. */
export type Cause = TurnlogEvent | EventId | readonly (TurnlogEvent | EventId)[]

/** A call of `within` that is not over, in the order they were nested. */
interface Scope {
  readonly context: CausalContext
  readonly causes: readonly EventId[]
  readonly outer: Scope | undefined
}

/** One for all writers, since each costs every await of the process a little. */
const scopes = new AsyncLocalStorage<Scope>()

const NO_CAUSES: readonly EventId[] = []

/** Finds out what caused each event of one writer. */
export class CausalContext {
  readonly #unrecorded = new UnrecordedEvents()
  #hasScopes = false

  /** Runs `fn` so that what is emitted in it, now or later, has this cause. */
  within<R>(cause: Cause, fn: () => R): R {
    const causes = this.recorded(idsOf(cause))
    this.#hasScopes = true
    let outer = scopes.getStore()
    // Those of this writer have no more to say, and would be kept as long as the innermost.
    while (outer?.context === this) outer = outer.outer
    return scopes.run({ context: this, causes, outer }, fn)
  }

  /** What to record as the causes of an event; undefined where there are none. */
  causesOf(event: TurnlogEvent): readonly EventId[] | undefined {
    const { caused_by: own } = event
    if (own?.length === 0) return own
    const causes = own ?? this.#causesAround(event.event_id)
    if (causes === undefined) return undefined
    const recorded = this.recorded(causes)
    return recorded.length === 0 ? undefined : recorded
  }

  /** The causes with each that is not in the log replaced by its nearest ancestors that are. */
  recorded(causes: readonly EventId[]): readonly EventId[] {
    return this.#unrecorded.nearestRecorded(causes)
  }

  /** Takes note that an event is left out of the log; anything else is no event and none's cause. */
  noteUnrecorded(event: unknown): void {
    if (typeof event !== 'object' || event === null) return
    let id: unknown
    let own: unknown
    try {
      ;({ event_id: id, caused_by: own } = event as Partial<Record<string, unknown>>)
    } catch {
      return
    }
    if (typeof id !== 'string') return
    const causes = own === undefined ? this.#causesAround(id) : own
    this.#unrecorded.note(id, isIds(causes) ? causes : NO_CAUSES)
  }

  /** Takes note that an event that was left out is in the log after all. */
  noteRecorded(id: EventId): void {
    this.#unrecorded.forget(id)
  }

  #causesAround(id: EventId): readonly EventId[] | undefined {
    if (!this.#hasScopes) return undefined
    let scope = scopes.getStore()
    while (scope !== undefined && scope.context !== this) scope = scope.outer
    // An event emitted within itself is not its own cause.
    if (scope?.causes.includes(id) === true) return scope.causes.filter((cause) => cause !== id)
    return scope?.causes
  }
}

function isIds(causes: unknown): causes is readonly EventId[] {
  return Array.isArray(causes)
}

/** @throws TurnlogError EVENT_INVALID for what is no event and no id */
export function idsOf(cause: Cause): readonly EventId[] {
  const causes: readonly unknown[] = Array.isArray(cause) ? cause : [cause]
  return causes.map((one) => {
    const id = typeof one === 'object' && one !== null && 'event_id' in one ? one.event_id : one
    if (typeof id === 'string' && id !== '') return id
    throw new TurnlogError('EVENT_INVALID', {
      message: `run within a cause: ${String(id)} is neither an event nor the id of one`,
      hint: 'hand over the event itself, its event_id, or a list of them',
    })
  })
}
