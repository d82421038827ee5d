import { type PageEvent, typeOf } from './recorded-events.js'
import { asSought, says } from './words.js'

/** What the page shows: all of it stands in its address, so that a link leads back. */
export interface View {
  /** Of the event that is looked at; empty when none is. */
  readonly event: string
  /** These are empty where they do not narrow. */
  readonly type: string
  readonly agent: string
  readonly text: string
  readonly turns: Turns | undefined
  /** Of the table, from 0. */
  readonly page: number
}

/** Turns, both inclusive. */
export interface Turns {
  readonly first: number
  readonly last: number
}

/** Reads `#event=ID&type=DECISION&agent=a&text=words&turns=3-9&page=2`; `ENV` is `STATE`. */
export function parseView(hash: string): View {
  const parameters = new URLSearchParams(hash.replace(/^#/, ''))
  const [, first, last] = /^(\d+)-(\d+)$/.exec(parameters.get('turns') ?? '') ?? []
  return {
    event: parameters.get('event') ?? '',
    type: typeOf(parameters.get('type') ?? ''),
    agent: parameters.get('agent') ?? '',
    text: parameters.get('text') ?? '',
    turns:
      first === undefined || last === undefined
        ? undefined
        : { first: Number(first), last: Number(last) },
    page: Math.max(0, Math.trunc(Number(parameters.get('page') ?? 1)) - 1) || 0,
  }
}

/** The inverse of {@link parseView}. */
export function formatView({ event, type, agent, text, turns, page }: View): string {
  const parameters = new URLSearchParams()
  if (event !== '') parameters.set('event', event)
  if (type !== '') parameters.set('type', type)
  if (agent !== '') parameters.set('agent', agent)
  if (text !== '') parameters.set('text', text)
  if (turns !== undefined) parameters.set('turns', `${turns.first}-${turns.last}`)
  if (page > 0) parameters.set('page', String(page + 1))
  return `#${parameters.toString()}`
}

/** The events a view narrows to, with or without its turns. */
export function eventsIn(events: readonly PageEvent[], view: View): PageEvent[] {
  const { type, agent, turns } = view
  const text = asSought(view.text)
  return events.filter(
    (event) =>
      (type === '' || event.type === type) &&
      (agent === '' || event.agent === agent) &&
      (turns === undefined || (event.turn >= turns.first && event.turn <= turns.last)) &&
      (text === '' || says(event, text)),
  )
}
