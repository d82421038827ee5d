const ESCAPE = /\\u[\da-f]{4}|\\.|["\t\r]/gi
/** These stand between words, whatever they stand for. */
const SEPARATORS: ReadonlySet<string> = new Set(['\\\\', '\\"', '"', '\\u0000', '\t', '\r'])

/**
 * What can be searched of details: where the line escapes anything in it, with that resolved and
 * without quotes, as the sidecar's view `event_text` has it.
 *
 * @param details a JSON text
 */
export function spellWords(details: string): string {
  if (!details.includes('\\')) return details
  return details.replaceAll(ESCAPE, (piece) =>
    SEPARATORS.has(piece) ? ' ' : String(JSON.parse(`"${piece}"`)),
  )
}
