/** Of longer names, only the beginning is compared. */
const MAX_COMPARED = 50

/**
 * The known name that somebody may have meant: one that goes on where theirs ends, else the
 * one with the fewest other characters, if these are no more than half of it. Capital letters
 * and small ones are the same.
 */
export function nearestName(name: string, known: Iterable<string>): string | undefined {
  const asked = name.slice(0, MAX_COMPARED).toLowerCase()
  const [nearest] = Array.from(known, (candidate) => ({ candidate, ...compare(asked, candidate) }))
    .filter(({ compared, begins, distance }) => begins || distance <= compared.length / 2)
    .sort((a, b) => Number(b.begins) - Number(a.begins) || a.distance - b.distance)
  return nearest?.candidate
}

function compare(asked: string, candidate: string) {
  const compared = candidate.slice(0, 2 * MAX_COMPARED).toLowerCase()
  const begins = asked !== '' && compared.startsWith(asked)
  return { compared, begins, distance: editDistance(asked, compared) }
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
