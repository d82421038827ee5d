/** Of longer names only this much is compared, in characters. */
const MAX_COMPARED = 50

/**
 * The known name that somebody probably meant.
 *
 * @returns undefined where none is near: more than half of its characters would have to change
 */
export function nearestName(name: string, known: Iterable<string>): string | undefined {
  let nearest: { readonly name: string; readonly distance: number } | undefined
  const asked = name.slice(0, MAX_COMPARED)
  for (const candidate of known) {
    const distance = editDistance(asked, candidate.slice(0, MAX_COMPARED))
    if (distance > candidate.length / 2 || distance >= (nearest?.distance ?? Infinity)) continue
    nearest = { name: candidate, distance }
  }
  return nearest?.name
}

/** How many characters must be put in, left out or replaced to turn one word into the other. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, column) => column)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) {
      const replace = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1)
      next.push(Math.min(replace, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1))
    }
    row = next
  }
  return row[b.length] ?? 0
}
