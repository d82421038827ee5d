/** Cuts a list into full pieces and a rest: for what grows at its end. */
export function cutFull<T>(list: readonly T[], most: number): T[][] {
  return cutInto(list, most)
}

/** Cuts a list into pieces of the same length, or nearly so: for what grows anywhere. */
export function cutEvenly<T>(list: readonly T[], most: number): T[][] {
  const pieces = Math.ceil(list.length / most)
  return cutInto(list, Math.ceil(list.length / pieces))
}

function cutInto<T>(list: readonly T[], length: number): T[][] {
  const pieces: T[][] = []
  for (let from = 0; from < list.length; from += length) {
    pieces.push(list.slice(from, from + length))
  }
  return pieces
}
