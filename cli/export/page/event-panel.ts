import { downstreamOf, upstreamOf, type Walk } from './causality.js'
import { count, element, typeClass } from './elements.js'
import { showJson } from './json-view.js'
import type { PageEvent, RecordedEvents } from './recorded-events.js'

/** Where a link leads that looks at an event. */
export type LinkTo = (event: PageEvent) => string

/** All that is known of an event: what it says, what led to it, what it led to. */
export function showEvent(event: PageEvent, events: RecordedEvents, linkTo: LinkTo): HTMLElement[] {
  const facts: [name: string, value: string][] = [
    ['turn', String(event.turn)],
    ['time', event.timestamp],
    ['agent', event.agent],
    ['id', event.id],
  ]
  return [
    element(
      'h2',
      {},
      element('span', { class: `badge ${typeClass(event.type)}` }, event.type),
      ' ',
      event.description === '' ? 'An event without a description' : event.description,
    ),
    element(
      'dl',
      { class: 'facts' },
      ...facts
        .filter(([, value]) => value !== '')
        .flatMap(([name, value]) => [element('dt', {}, name), element('dd', {}, value)]),
    ),
    element(
      'div',
      { class: 'causality' },
      showWalk('Causes', 'nothing on this page', upstreamOf(event, events), linkTo),
      showWalk('Effects', 'nothing on this page', downstreamOf(event, events), linkTo),
    ),
    element('h3', {}, 'As it was recorded'),
    showJson(event.line),
  ]
}

function showWalk(title: string, none: string, walk: Walk, linkTo: LinkTo): HTMLElement {
  const { found, isCut, missing } = walk
  const items = found.map(({ event, distance }) => {
    const item = element(
      'li',
      {},
      element(
        'a',
        { href: linkTo(event), 'data-event': event.id },
        element('span', { class: 'distance', title: count(distance, 'step') }, String(distance)),
        element('span', { class: `badge ${typeClass(event.type)}` }, event.type),
        element('span', { class: 'muted' }, `turn ${event.turn} ${event.agent}`),
        element('span', { class: 'said' }, event.description || event.id),
      ),
    )
    item.style.paddingInlineStart = `${Math.min(distance - 1, 10) * 0.75}rem`
    return item
  })
  const notes = [
    ...(found.length === 0 && missing.length === 0 ? [none] : []),
    ...(isCut ? ['… and more'] : []),
    ...(missing.length > 0 ? [`not on this page: ${missing.slice(0, 10).join(', ')}`] : []),
  ]
  return element(
    'section',
    { class: `walk walk-${title.toLowerCase()}` },
    element('h3', {}, `${title} (${found.length}${isCut ? '+' : ''})`),
    element('ul', {}, ...items),
    ...notes.map((note) => element('p', { class: 'muted' }, note)),
  )
}
