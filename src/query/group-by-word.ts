/** A word, or null for none, and what has it. */
export type Group<T> = readonly [word: string | null, items: readonly T[]]

/** Puts together what has a word in common, in the order of the words; what has none comes first. */
export function groupByWord<T>(
  items: readonly T[],
  wordOf: (item: T) => string | null,
): Group<T>[] {
  const groups = new Map<string | null, T[]>()
  for (const item of items) {
    const word = wordOf(item)
    const group = groups.get(word)
    if (group === undefined) groups.set(word, [item])
    else group.push(item)
  }
  return [...groups].sort(([a], [b]) => (a === null || (b !== null && a < b) ? -1 : 1))
}
