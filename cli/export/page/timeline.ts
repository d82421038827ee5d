import { count, element, typeClass } from './elements.js'
import type { PageEvent } from './recorded-events.js'
import type { Turns } from './view.js'

const TYPES = ['MILESTONE', 'DECISION', 'ACTION', 'STATE', 'DETAIL', 'SYSTEM']
/** More would be thinner than can be hit. */
const MAX_BARS = 120

/** Some neighbouring turns, and how many events of each type they have. */
export interface Bar extends Turns {
  readonly events: number
  readonly byType: ReadonlyMap<string, number>
}

/** Sums up events by turn, so many turns together that there are few enough bars. */
export function barsOf(events: readonly PageEvent[], turns: Turns): Bar[] {
  const width = Math.max(1, Math.ceil((turns.last - turns.first + 1) / MAX_BARS))
  const counts = new Map<number, Map<string, number>>()
  for (const { turn, type } of events) {
    const at = Math.floor((turn - turns.first) / width)
    const byType = counts.get(at) ?? new Map<string, number>()
    counts.set(at, byType.set(type, (byType.get(type) ?? 0) + 1))
  }
  const bars = Math.ceil((turns.last - turns.first + 1) / width)
  return Array.from({ length: bars }, (_, at) => {
    const byType = counts.get(at) ?? new Map<string, number>()
    const first = turns.first + at * width
    return {
      first,
      last: Math.min(turns.last, first + width - 1),
      events: [...byType.values()].reduce((sum, number) => sum + number, 0),
      byType,
    }
  })
}

/** A button for each bar. @param choose told which turns to narrow to */
export function showTimeline(bars: readonly Bar[], choose: (turns: Turns) => void): HTMLElement[] {
  const highest = Math.max(1, ...bars.map(({ events }) => events))
  return bars.map((bar) => {
    const stack = TYPES.filter((type) => bar.byType.has(type)).map((type) => {
      const piece = element('span', { class: `piece ${typeClass(type)}` })
      piece.style.flexGrow = String(bar.byType.get(type))
      return piece
    })
    const filled = element('span', { class: 'stack' }, ...stack)
    filled.style.height = `${(100 * bar.events) / highest}%`
    const label = `${turnsText(bar)}: ${describe(bar)}`
    return element(
      'button',
      {
        class: 'bar',
        title: label,
        'aria-label': label,
        'data-turn': String(bar.first),
        onclick: () => {
          choose({ first: bar.first, last: bar.last })
        },
      },
      filled,
    )
  })
}

/** `turn 3`, `turns 3–9`. */
export function turnsText({ first, last }: Turns): string {
  return first === last ? `turn ${first}` : `turns ${first}–${last}`
}

function describe({ events, byType }: Bar): string {
  const parts = [...byType].map(([type, number]) => `${number} ${type}`)
  return parts.length === 0 ? 'no events' : `${count(events, 'event')} (${parts.join(', ')})`
}
