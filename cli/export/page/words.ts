import type { PageEvent } from './recorded-events.js'

const ESCAPES = /(?:\\[bfnrt])+|\\(?:u([\da-fA-F]{4})|(.))/g
const SPACES = /[\t\n\r\f]+/g

/** Kept, as each is read again with every letter that is typed. */
const known = new WeakMap<PageEvent, string>()

/** Whether an event says a text anywhere, however its line spells it. @param text from {@link asSought} */
export function says(event: PageEvent, text: string): boolean {
  let words = known.get(event)
  if (words === undefined) {
    words = unescapeJson(event.line).toLowerCase()
    known.set(event, words)
  }
  return words.includes(text)
}

/** A text as {@link says} compares it: in small letters, and a line break is a space, as it is shown. */
export function asSought(text: string): string {
  return text.replace(SPACES, ' ').toLowerCase()
}

/** A JSON text with what its strings say in place of how they spell it. */
function unescapeJson(json: string): string {
  if (!json.includes('\\')) return json
  return json.replace(ESCAPES, (_, hex: string | undefined, character: string | undefined) => {
    if (hex === undefined) return character ?? ' '
    return asSpace(String.fromCharCode(Number.parseInt(hex, 16)))
  })
}

function asSpace(character: string): string {
  return character.replace(SPACES, ' ')
}
