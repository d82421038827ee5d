import { count, element, part } from './elements.js'
import { showEvent } from './event-panel.js'
import { PAGE_ROWS, showRows } from './event-table.js'
import { keepFocus } from './focus.js'
import { type PageEvent, readEvents } from './recorded-events.js'
import { barsOf, showTimeline, turnsText } from './timeline.js'
import { eventsIn, formatView, parseView, type Turns, type View } from './view.js'

/** How long typing may pause before the table follows, in milliseconds. */
const TYPING_MS = 150

const events = readEvents(part('events', HTMLScriptElement).text)
const allTurns = turnsOf(events.all)
const type = part('type', HTMLSelectElement)
const agent = part('agent', HTMLSelectElement)
const text = part('text', HTMLInputElement)
let view = parseView(location.hash)
/** Pending while letters are typed that the view does not know yet. */
let typing: ReturnType<typeof setTimeout> | undefined

function turnsOf(some: readonly PageEvent[]): Turns {
  let first = Infinity
  let last = 0
  for (const { turn } of some) {
    first = Math.min(first, turn)
    last = Math.max(last, turn)
  }
  return { first: Math.min(first, last), last }
}

/** Goes to another view; the address keeps the one before. */
function go(changes: Partial<View>): void {
  location.hash = formatView({ ...view, page: 0, ...changes })
}

function linkTo(event: PageEvent): string {
  return formatView({ ...view, event: event.id })
}

function show(): void {
  const moveFocus = keepFocus()
  const before = view.event
  view = parseView(location.hash)
  type.value = view.type
  agent.value = view.agent
  if (typing === undefined && text.value !== view.text) text.value = view.text
  const looked = events.byId.get(view.event)
  const matching = eventsIn(events.all, view)
  showTurns()
  showTable(matching, looked)
  const panel = part('event', HTMLElement)
  panel.hidden = view.event === ''
  part('event-content', HTMLElement).replaceChildren(
    ...(looked === undefined
      ? [element('p', {}, `No event on this page has the id ${view.event}.`)]
      : showEvent(looked, events, linkTo)),
  )
  moveFocus(before, view.event)
}

function showTurns(): void {
  const turns = view.turns ?? allTurns
  const bars = barsOf(eventsIn(events.all, { ...view, turns }), turns)
  part('timeline', HTMLElement).replaceChildren(
    ...showTimeline(bars, (chosen) => {
      go({ turns: chosen })
    }),
  )
  part('turns', HTMLElement).textContent = turnsText(turns)
  part('all-turns', HTMLButtonElement).hidden = view.turns === undefined
}

function showTable(matching: readonly PageEvent[], looked: PageEvent | undefined): void {
  const last = Math.max(0, Math.ceil(matching.length / PAGE_ROWS) - 1)
  const page = Math.min(view.page, last)
  const rows = matching.slice(page * PAGE_ROWS, (page + 1) * PAGE_ROWS)
  part('rows', HTMLElement).replaceChildren(...showRows(rows, looked, linkTo))
  part('count', HTMLElement).textContent =
    matching.length === events.all.length
      ? count(matching.length, 'event')
      : `${matching.length.toLocaleString('en-US')} of ${count(events.all.length, 'event')}`
  part('page', HTMLElement).textContent = `page ${page + 1} of ${last + 1}`
  part('earlier', HTMLButtonElement).disabled = page === 0
  part('later', HTMLButtonElement).disabled = page === last
}

function fillChoices(): void {
  const types = new Set(events.all.map((event) => event.type))
  const agents = new Set(events.all.map((event) => event.agent).filter((name) => name !== ''))
  const options = (names: ReadonlySet<string>): HTMLElement[] =>
    [...names].sort().map((name) => element('option', { value: name }, name))
  type.append(...options(types))
  agent.append(...options(agents))
}

function listen(): void {
  type.addEventListener('change', () => {
    go({ type: type.value })
  })
  agent.addEventListener('change', () => {
    go({ agent: agent.value })
  })
  text.addEventListener('input', () => {
    clearTimeout(typing)
    typing = setTimeout(() => {
      typing = undefined
      go({ text: text.value })
    }, TYPING_MS)
  })
  part('all-turns', HTMLButtonElement).addEventListener('click', () => {
    go({ turns: undefined })
  })
  part('earlier', HTMLButtonElement).addEventListener('click', () => {
    go({ page: view.page - 1 })
  })
  part('later', HTMLButtonElement).addEventListener('click', () => {
    go({ page: view.page + 1 })
  })
  part('close', HTMLButtonElement).addEventListener('click', () => {
    go({ event: '', page: view.page })
  })
  addEventListener('hashchange', show)
}

fillChoices()
listen()
show()
document.documentElement.dataset['ready'] = 'true'
