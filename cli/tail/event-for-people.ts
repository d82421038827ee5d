import type { Colours } from '../colour.js'
import { describeEvent } from '../event-label.js'

/** `2025-10-04T14:23:45.123456+00:00`: the time of day, to the millisecond. */
const TIME_OF_DAY = /T(\d\d:\d\d:\d\d(?:[.,]\d{1,3})?)/

/** What makes an event one line for people. */
export function createEventLine(colours: Colours): (text: string) => string {
  return (text) => {
    const { time: at, turn, what, agent, says } = describeEvent(text)
    const time = TIME_OF_DAY.exec(at)?.[1] ?? at
    return [
      colours.dim(time),
      turn,
      colours.bold(what),
      ...(agent === '' ? [] : [colours.cyan(agent)]),
      says,
    ]
      .filter((part) => part !== '')
      .join('  ')
  }
}
