import { element, typeClass } from './elements.js'
import type { LinkTo } from './event-panel.js'
import type { PageEvent } from './recorded-events.js'

/** Rows of a page of the table. */
export const PAGE_ROWS = 100

/** Rows for some events. @param looked the event that is looked at */
export function showRows(
  events: readonly PageEvent[],
  looked: PageEvent | undefined,
  linkTo: LinkTo,
): HTMLElement[] {
  return events.map((event) =>
    element(
      'tr',
      event === looked ? { 'aria-current': 'true' } : {},
      element('td', { class: 'number' }, String(event.turn)),
      element('td', { class: 'time', title: event.timestamp }, event.timestamp.slice(11, 26)),
      element('td', {}, element('span', { class: `badge ${typeClass(event.type)}` }, event.type)),
      element('td', { class: 'agent' }, event.agent),
      element(
        'td',
        { class: 'said' },
        element(
          'a',
          { href: linkTo(event), 'data-event': event.id },
          event.description || event.id,
        ),
      ),
    ),
  )
}
