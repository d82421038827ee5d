import { type EventTypeCode, eventTypeOfCode, KIND_KEYS } from './event-type.js'
import type { LineParts } from './line-parts.js'

/** Of `A`, the letter for nothing shared. */
export const CAUSES_MARK = 0x41
/** What `Z` stands for. */
export const MAX_SHARED = 25
/** No space, which separates them when they are stored, and nothing SQL counts otherwise than JavaScript. */
const PLAIN_CAUSES = /^\["[\x21-\x7e]+"\]$/

/**
 * The form in which `caused_by` is stored: without the beginning that every
 * cause shares with the event's own id, and without punctuation. A letter tells
 * the length of that beginning, `A` for none; the rest of each cause follows, a
 * space between two. What does not fit is stored as it is, and cannot be
 * mistaken for this: no JSON begins with a capital letter.
 */
export function storedCausedBy({ causedBy, eventId }: LineParts): string | null {
  if (causedBy === null || !PLAIN_CAUSES.test(causedBy)) return causedBy
  const causes = causedBy.slice(2, -2).split('","')
  let shared = MAX_SHARED
  for (const cause of causes) shared = Math.min(shared, sharedLength(cause, eventId))
  const rests = causes.map((cause) => cause.slice(shared))
  return String.fromCharCode(CAUSES_MARK + shared) + rests.join(' ')
}

function sharedLength(a: string, b: string): number {
  let length = 0
  while (length < a.length && a.charCodeAt(length) === b.charCodeAt(length)) length++
  return length
}

/** `caused_by` as the line spells it, of parts in whatever form. */
export function wholeCausedBy({ causedBy, eventId }: LineParts): string | null {
  if (causedBy === null) return null
  const shared = causedBy.charCodeAt(0) - CAUSES_MARK
  if (!(shared >= 0 && shared <= MAX_SHARED)) return causedBy
  const beginning = eventId.slice(0, shared)
  return `["${beginning}${causedBy.slice(1).replaceAll(' ', () => `","${beginning}`)}"]`
}

/**
 * The form in which `details` are stored: where the type's own word stands
 * first, only what follows it, from the comma or the closing brace on. What
 * does not fit is stored as it is: no JSON begins with one of those.
 */
export function storedDetails({ details, type, kind }: LineParts): string | null {
  if (details === null || kind === null) return details
  const beginning = detailsBeginning(type, kind)
  const next = details[beginning.length]
  const isFirst = details.startsWith(beginning) && (next === ',' || next === '}')
  return isFirst ? details.slice(beginning.length) : details
}

/**
 * `details` as the line spells them, of parts in whatever form.
 *
 * @throws RangeError when there is no such type
 */
export function wholeDetails({
  details,
  type,
  kind,
}: Pick<LineParts, 'details' | 'type' | 'kind'>): string | null {
  if (details === null || !(details.startsWith(',') || details.startsWith('}'))) return details
  return detailsBeginning(type, kind ?? '') + details
}

function detailsBeginning(type: EventTypeCode, kind: string): string {
  return `{"${KIND_KEYS[eventTypeOfCode(type)]}":"${kind}"`
}
