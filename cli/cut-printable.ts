import { cutToWidth, isWider } from './display-width.js'
import { printable } from './printable.js'
import { sliceWhole } from './slice-whole.js'

/** So many units of a text are looked at for each place there is, and twice as many where these are not enough. */
const UNITS_A_PLACE = 4

/**
 * A text that steers no terminal, of so many places at most; what is cut ends in `…`. The same
 * as {@link cutToWidth} of all that is {@link printable}, but of a long text only the start is
 * looked at.
 */
export function cutPrintable(text: string, most: number): string {
  for (let units = UNITS_A_PLACE * most; units < text.length; units *= 2) {
    const start = printable(sliceWhole(text, 0, units))
    if (isWider(start, most)) return cutToWidth(start, most)
  }
  return cutToWidth(printable(text), most)
}
