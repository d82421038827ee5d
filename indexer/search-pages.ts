/** The number of a page in `event_search_data`: a segment's, whether it is an index of one, how high it stands, and its own. */
const SEGMENT = 2 ** 37
const INDEX_OF_PAGE = 2 ** 31

/** Behind the offsets of the first row and of the end of the terms. */
const TERMS_END_AT = 2

/**
 * Which page of which segment of an FTS5 index a row is; undefined for one that
 * holds no terms. See "File format" in SQLite's `fts5_index.c`.
 */
export function locatePage(
  id: number,
): { readonly segment: number; readonly page: number } | undefined {
  const segment = Math.floor(id / SEGMENT)
  const page = id % SEGMENT
  return segment > 0 && page < INDEX_OF_PAGE ? { segment, page } : undefined
}

/** The first and the last term on a page of an FTS5 index; undefined when none begins there. */
export function firstAndLastTerm(
  page: Uint8Array,
): { readonly first: Uint8Array; readonly last: Uint8Array } | undefined {
  const end = ((page[TERMS_END_AT] ?? 0) << 8) | (page[TERMS_END_AT + 1] ?? 0)
  const offsets = new VarintReader(page, end)
  let first: Uint8Array | undefined
  let last: Uint8Array = new Uint8Array()
  let at = 0
  while (offsets.at < page.length) {
    // Each says how far it is from the one before.
    at += offsets.next()
    const term = new VarintReader(page, at)
    // All but the first lack what they begin with like the one before.
    const shared = first === undefined ? 0 : term.next()
    const length = term.next()
    const rest = page.subarray(term.at, term.at + length)
    last = Buffer.concat([last.subarray(0, shared), rest])
    first ??= last
  }
  return first && { first, last }
}

/** Reads whole numbers as SQLite writes them: seven bits a byte, the highest first. */
class VarintReader {
  readonly #bytes: Uint8Array
  at: number

  constructor(bytes: Uint8Array, at: number) {
    this.#bytes = bytes
    this.at = at
  }

  next(): number {
    let value = 0
    for (;;) {
      const byte = this.#bytes[this.at++] ?? 0
      value = value * 128 + (byte & 0x7f)
      if (byte < 0x80) return value
    }
  }
}
