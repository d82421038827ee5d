import type { TurnlogEvent } from './event-schema.js'

/** From this many characters on, handing a string to native code is worth the way there. */
const LONG_STRING = 200
/** UTF-8 bytes a UTF-16 code unit can take within JSON, as `\u0000`. */
const MAX_BYTES_PER_UNIT = 6
/** Deeper values, and cyclic ones among them, are left to JSON.stringify. */
const MAX_DEPTH = 32

/** What stands in JSON as it is, a byte each. */
const PLAIN = /^[ !#-[\]-~]*$/

const NO_ROOM = -1

const QUOTE = 0x22
const COMMA = 0x2c
const COLON = 0x3a
const BACKSLASH = 0x5c
const OPEN_LIST = 0x5b
const CLOSE_LIST = 0x5d
const OPEN_OBJECT = 0x7b
const CLOSE_OBJECT = 0x7d

/**
 * Spells events as JSON straight into bytes, in the order of docs/format.md.
 * It makes no string of the whole line and so takes about two thirds of the
 * time of `JSON.stringify` and a write. What is not plain data (a Date, a
 * `toJSON`, a cycle, …) or does not fit it leaves to `JSON.stringify`.
 *
 * Each step is given where to begin and gives where it ended, or `NO_ROOM`,
 * which every step behind it passes on.
 */
export class LineEncoder {
  readonly #bytes: Buffer
  #end = NO_ROOM

  constructor(bytes: Buffer) {
    this.#bytes = bytes
  }

  /**
   * @param event a valid one
   * @param causedBy what stands in the place of its own `caused_by`
   * @param start where its line begins
   * @param end where it must have ended
   * @returns where its line ended, without a newline; or undefined, and then
   *   the bytes from `start` to `end` are of no meaning. A getter in the event
   *   that encodes another event makes it undefined, too.
   */
  encode(
    event: TurnlogEvent,
    causedBy: readonly string[] | undefined,
    start: number,
    end: number,
  ): number | undefined {
    this.#end = end
    let at = this.#ascii('{"event_id":"', start)
    at = this.#ascii(event.event_id, at)
    at = this.#ascii('","timestamp":"', at)
    at = this.#ascii(event.timestamp, at)
    at = this.#ascii('","turn_number":', at)
    at = this.#ascii(String(event.turn_number), at)
    at = this.#ascii(',"event_type":"', at)
    at = this.#ascii(event.event_type, at)
    at = this.#ascii('","simulation_id":', at)
    at = this.#string(event.simulation_id, at)
    at = this.#field(',"agent_id":', 'agent_id' in event ? event.agent_id : undefined, at)
    at = this.#field(',"caused_by":', causedBy, at)
    at = this.#field(',"description":', event.description, at)
    at = this.#field(',"details":', event.details, at)
    at = this.#byte(CLOSE_OBJECT, at)
    // One that was interrupted by this one finds no room to go on.
    this.#end = NO_ROOM
    return at === NO_ROOM ? undefined : at
  }

  #field(key: string, value: unknown, at: number): number {
    return value === undefined ? at : this.#value(value, this.#ascii(key, at), 0)
  }

  #value(value: unknown, at: number, depth: number): number {
    switch (typeof value) {
      case 'string':
        return this.#string(value, at)
      case 'number':
        return this.#ascii(Number.isFinite(value) ? String(value) : 'null', at)
      case 'boolean':
        return this.#ascii(value ? 'true' : 'false', at)
      case 'object':
        if (value === null) return this.#ascii('null', at)
        if (depth === MAX_DEPTH || 'toJSON' in value) return NO_ROOM
        if (Array.isArray(value)) return this.#list(value, at, depth + 1)
        return isPlain(value) ? this.#object(value, at, depth + 1) : NO_ROOM
      case 'undefined':
      case 'bigint':
      case 'function':
      case 'symbol':
        return NO_ROOM
    }
  }

  #list(list: readonly unknown[], start: number, depth: number): number {
    let at = this.#byte(OPEN_LIST, start)
    for (let index = 0; index < list.length; index++) {
      if (index > 0) at = this.#byte(COMMA, at)
      at = this.#value(list[index], at, depth)
      if (at === NO_ROOM) return NO_ROOM
    }
    return this.#byte(CLOSE_LIST, at)
  }

  #object(object: Readonly<Record<string, unknown>>, start: number, depth: number): number {
    let at = this.#byte(OPEN_OBJECT, start)
    let isFirst = true
    for (const key of Object.keys(object)) {
      const value = object[key]
      // As JSON.stringify does; functions and symbols are left to it.
      if (value === undefined) continue
      if (!isFirst) at = this.#byte(COMMA, at)
      isFirst = false
      at = this.#value(value, this.#byte(COLON, this.#string(key, at)), depth)
      if (at === NO_ROOM) return NO_ROOM
    }
    return this.#byte(CLOSE_OBJECT, at)
  }

  #string(text: string, start: number): number {
    const { length } = text
    if (length >= LONG_STRING) return this.#long(text, start)
    if (start === NO_ROOM || start + length + 2 > this.#end) return NO_ROOM
    const bytes = this.#bytes
    let at = start
    bytes[at++] = QUOTE
    for (let index = 0; index < length; index++) {
      const unit = text.charCodeAt(index)
      if (unit < 0x20 || unit > 0x7e || unit === QUOTE || unit === BACKSLASH) {
        return this.#long(text, start)
      }
      bytes[at++] = unit
    }
    bytes[at++] = QUOTE
    return at
  }

  #long(text: string, at: number): number {
    if (at === NO_ROOM || at + text.length * MAX_BYTES_PER_UNIT + 2 > this.#end) return NO_ROOM
    if (!PLAIN.test(text)) return at + this.#bytes.write(JSON.stringify(text), at)
    this.#bytes[at] = QUOTE
    const end = at + 1 + this.#bytes.write(text, at + 1, 'latin1')
    this.#bytes[end] = QUOTE
    return end + 1
  }

  #ascii(text: string, start: number): number {
    const end = start + text.length
    if (start === NO_ROOM || end > this.#end) return NO_ROOM
    const bytes = this.#bytes
    for (let index = 0, at = start; at < end; index++, at++) bytes[at] = text.charCodeAt(index)
    return end
  }

  #byte(byte: number, at: number): number {
    if (at === NO_ROOM || at >= this.#end) return NO_ROOM
    this.#bytes[at] = byte
    return at + 1
  }
}

function isPlain(value: object): value is Record<string, unknown> {
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}
