import type { CanonicalLines } from '../src/event/canonical-lines.js'
import type { ByteSpan } from '../src/event/line-scanner.js'
import { CAUSES_MARK, MAX_SHARED } from '../src/event/stored-parts.js'
import { NO_TEXT } from './packed-events.js'
import type { TextArena } from './text-arena.js'

const SPACE = 0x20
const TILDE = 0x7e
const NONE: ByteSpan = { start: NO_TEXT, end: NO_TEXT }

/** `storedCausedBy` of the line that was found last, without a string of it. */
export function standingCausedBy(arena: TextArena, line: CanonicalLines): ByteSpan {
  const { causedBy, causes } = line
  if (causedBy.end === causedBy.start) return NONE
  const shared = causes === 0 ? undefined : sharedByAll(arena.bytes, line)
  if (shared === undefined) return causedBy
  // No more than the list itself takes.
  arena.reserve(causedBy.end - causedBy.start)
  const { bytes } = arena
  const start = arena.used
  let end = start
  for (let cause = 0; cause < causes; cause++) {
    bytes[end++] = cause === 0 ? CAUSES_MARK + shared : SPACE
    const rest = (line.causeSpans[cause * 2] ?? 0) + shared
    const restEnd = line.causeSpans[cause * 2 + 1] ?? 0
    for (let at = rest; at < restEnd; at++) bytes[end++] = bytes[at] ?? 0
  }
  arena.used = end
  return { start, end }
}

/** How many bytes every cause begins like the event's id; undefined when one is not plain ASCII. */
function sharedByAll(bytes: Uint8Array, line: CanonicalLines): number | undefined {
  let shared = MAX_SHARED
  for (let cause = 0; cause < line.causes; cause++) {
    const start = line.causeSpans[cause * 2] ?? 0
    const end = line.causeSpans[cause * 2 + 1] ?? 0
    shared = Math.min(shared, end - start, line.eventId.end - line.eventId.start)
    for (let at = start; at < end; at++) {
      const byte = bytes[at] ?? 0
      if (byte <= SPACE || byte > TILDE) return undefined
      const place = at - start
      if (place < shared && byte !== bytes[line.eventId.start + place]) shared = place
    }
  }
  return shared
}
