/** A piece of a text, in UTF-16 units, or one less than `most` where it would end in half a character. */
export function sliceWhole(text: string, start: number, most: number): string {
  const end = start + most
  const endsInHalf = end < text.length && isHighSurrogate(text.charCodeAt(end - 1))
  return text.slice(start, endsInHalf && most > 1 ? end - 1 : end)
}

function isHighSurrogate(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdbff
}
