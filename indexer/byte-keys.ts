import type { TextArena } from './text-arena.js'

/** Said of a key that is not there. */
export const NOT_FOUND = -1

const FREE = -1
const FNV_OFFSET = 0x811c9dc5
const FNV_PRIME = 0x01000193

/**
 * Numbers for keys that stand in an arena, from 0 in the order they are added: a
 * map for which no string need be made of them.
 */
export class ByteKeys {
  size = 0
  readonly #arena: TextArena
  readonly #starts: Int32Array
  readonly #ends: Int32Array
  /** The numbers of keys, by what is left of their hash; where one is taken the next one is. */
  readonly #slots: Int32Array
  readonly #mask: number

  /** @param most how many keys there may be */
  constructor(arena: TextArena, most: number) {
    this.#arena = arena
    this.#starts = new Int32Array(most)
    this.#ends = new Int32Array(most)
    const slots = 2 ** Math.ceil(Math.log2(most * 2 + 1))
    this.#slots = new Int32Array(slots).fill(FREE)
    this.#mask = slots - 1
  }

  /** The number of a key, or {@link NOT_FOUND}. */
  find(start: number, end: number): number {
    return this.#slots[this.#slotOf(start, end)] ?? NOT_FOUND
  }

  /** @returns the number of a key that was there already, else {@link NOT_FOUND}: it is added */
  add(start: number, end: number): number {
    const slot = this.#slotOf(start, end)
    const known = this.#slots[slot] ?? FREE
    if (known !== FREE) return known
    this.#starts[this.size] = start
    this.#ends[this.size] = end
    this.#slots[slot] = this.size++
    return NOT_FOUND
  }

  /** Where a key is, or where it would be added. */
  #slotOf(start: number, end: number): number {
    let slot = this.#hash(start, end) & this.#mask
    for (;;) {
      const key = this.#slots[slot] ?? FREE
      if (key === FREE || this.#isEqual(key, start, end)) return slot
      slot = (slot + 1) & this.#mask
    }
  }

  #hash(start: number, end: number): number {
    const { bytes } = this.#arena
    let hash = FNV_OFFSET
    for (let at = start; at < end; at++) hash = Math.imul(hash ^ (bytes[at] ?? 0), FNV_PRIME)
    return hash ^ (hash >>> 15)
  }

  #isEqual(key: number, start: number, end: number): boolean {
    const { bytes } = this.#arena
    const from = this.#starts[key] ?? 0
    const length = end - start
    if ((this.#ends[key] ?? 0) - from !== length) return false
    // Ids of one time differ at their end.
    for (let at = length - 1; at >= 0; at--)
      if (bytes[from + at] !== bytes[start + at]) return false
    return true
  }
}
