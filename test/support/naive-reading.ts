import { isUtf8 } from 'node:buffer'
import { readFileSync } from 'node:fs'
import { isDeepStrictEqual } from 'node:util'
import { decodeLine } from '#src/event/event-line.js'
import { discoverSegments } from '#src/segment/discovery.js'

/** What a root says when every file is simply read from end to end. */
export interface NaiveReading {
  /** The first copy of each event: "run/segment@offset" to its line. */
  readonly events: ReadonlyMap<string, string>
  /** Places of lines that are no events, or copies that say something else. */
  readonly rejects: ReadonlySet<string>
  readonly duplicates: number
}

/** A place in a root. */
export function placeOf(run: string, segment: string, offset: number): string {
  return `${run}/${segment}@${offset}`
}

/** Reads every complete line of every segment below a root. */
export function readNaively(root: string): NaiveReading {
  const events = new Map<string, string>()
  const rejects = new Set<string>()
  let duplicates = 0
  for (const { id, segments } of discoverSegments(root).simulations) {
    const first = new Map<string, string>()
    for (const { name, path } of segments) {
      for (const { offset, text } of completeLines(readFileSync(path))) {
        const place = placeOf(id, name, offset)
        const decoded = text === undefined ? NO_TEXT : decodeLine(text, id)
        const before = 'problem' in decoded ? undefined : first.get(decoded.eventId)
        if (text === undefined || 'problem' in decoded) rejects.add(place)
        else if (before === undefined) {
          first.set(decoded.eventId, text)
          events.set(place, text)
        } else if (isDeepStrictEqual(JSON.parse(before), JSON.parse(text))) duplicates++
        else rejects.add(place)
      }
    }
  }
  return { events, rejects, duplicates }
}

const NO_TEXT = { problem: 'not valid UTF-8' }

function* completeLines(content: Buffer): Generator<{ offset: number; text: string | undefined }> {
  let offset = 0
  for (;;) {
    const newline = content.indexOf('\n', offset)
    if (newline === -1) return
    const line = content.subarray(offset, newline)
    yield { offset, text: isUtf8(line) ? line.toString('utf8') : undefined }
    offset = newline + 1
  }
}
