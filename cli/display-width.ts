/** What takes no place by itself: marks and joiners. */
const NARROWEST = /^(?:\p{M}|\p{Cf})$/u
/** What takes two places: East Asian letters, and pictures. */
const WIDE =
  /^(?:\p{Emoji_Presentation}|[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6\u{20000}-\u{3fffd}])$/u

/** How many places a text takes on a terminal. */
export function displayWidth(text: string): number {
  let width = 0
  for (const sign of text) width += placesOf(sign)
  return width
}

/** Whether a text takes more places than that; no more of it is looked at than it takes to know. */
export function isWider(text: string, places: number): boolean {
  return text.length > places / 2 && startWithin(text, places) < text.length
}

/** A text of so many places at most; what is cut ends in `…`. */
export function cutToWidth(text: string, most: number): string {
  return isWider(text, most) ? `${text.slice(0, startWithin(text, most - 1))}…` : text
}

/** Where the longest start of a text ends that takes no more than so many places, in UTF-16 units. */
function startWithin(text: string, places: number): number {
  let width = 0
  let end = 0
  for (const sign of text) {
    width += placesOf(sign)
    if (width > places) break
    end += sign.length
  }
  return end
}

function placesOf(sign: string): number {
  if (sign.length === 1 && sign < '\u0300') return 1
  if (NARROWEST.test(sign)) return 0
  return WIDE.test(sign) ? 2 : 1
}
