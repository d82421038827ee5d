import type { TurnlogEvent } from './event-schema.js'

/** From this many characters on, handing a string to native code is worth the way there. */
const LONG_STRING = 200
/** UTF-8 bytes a UTF-16 code unit can take within JSON, as `\u0000`. */
const MAX_BYTES_PER_UNIT = 6
/** Deeper values, and cyclic ones among them, are left to JSON.stringify. */
const MAX_DEPTH = 32

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
 */
export class LineEncoder {
  readonly #bytes: Buffer
  #at = 0
  #end = 0

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
    this.#at = start
    this.#end = end
    const { event_id: id, timestamp, turn_number: turn, event_type: type } = event
    const agentId = 'agent_id' in event ? event.agent_id : undefined
    const isWhole =
      this.#ascii('{"event_id":"') &&
      this.#ascii(id) &&
      this.#ascii('","timestamp":"') &&
      this.#ascii(timestamp) &&
      this.#ascii('","turn_number":') &&
      this.#ascii(String(turn)) &&
      this.#ascii(',"event_type":"') &&
      this.#ascii(type) &&
      this.#ascii('","simulation_id":') &&
      this.#string(event.simulation_id) &&
      this.#field(',"agent_id":', agentId) &&
      this.#field(',"caused_by":', causedBy) &&
      this.#field(',"description":', event.description) &&
      this.#field(',"details":', event.details) &&
      this.#byte(CLOSE_OBJECT)
    // One that was interrupted by this one finds no room to go on.
    this.#end = NO_ROOM
    return isWhole ? this.#at : undefined
  }

  #field(key: string, value: unknown): boolean {
    return value === undefined || (this.#ascii(key) && this.#value(value, 0))
  }

  #value(value: unknown, depth: number): boolean {
    switch (typeof value) {
      case 'string':
        return this.#string(value)
      case 'number':
        return this.#ascii(Number.isFinite(value) ? String(value) : 'null')
      case 'boolean':
        return this.#ascii(value ? 'true' : 'false')
      case 'object':
        if (value === null) return this.#ascii('null')
        if (depth === MAX_DEPTH || 'toJSON' in value) return false
        if (Array.isArray(value)) return this.#list(value, depth + 1)
        return isPlain(value) && this.#object(value, depth + 1)
      case 'undefined':
      case 'bigint':
      case 'function':
      case 'symbol':
        return false
    }
  }

  #list(list: readonly unknown[], depth: number): boolean {
    if (!this.#byte(OPEN_LIST)) return false
    for (let index = 0; index < list.length; index++) {
      if (index > 0 && !this.#byte(COMMA)) return false
      if (!this.#value(list[index], depth)) return false
    }
    return this.#byte(CLOSE_LIST)
  }

  #object(object: Readonly<Record<string, unknown>>, depth: number): boolean {
    if (!this.#byte(OPEN_OBJECT)) return false
    let isFirst = true
    for (const key of Object.keys(object)) {
      const value = object[key]
      // As JSON.stringify does; functions and symbols are left to it.
      if (value === undefined) continue
      if (!isFirst && !this.#byte(COMMA)) return false
      isFirst = false
      if (!this.#string(key) || !this.#byte(COLON) || !this.#value(value, depth)) return false
    }
    return this.#byte(CLOSE_OBJECT)
  }

  #string(text: string): boolean {
    const { length } = text
    if (length >= LONG_STRING) return this.#native(text)
    let at = this.#at
    if (at + length + 2 > this.#end) return false
    const bytes = this.#bytes
    bytes[at++] = QUOTE
    for (let index = 0; index < length; index++) {
      const unit = text.charCodeAt(index)
      if (unit < 0x20 || unit > 0x7e || unit === QUOTE || unit === BACKSLASH) {
        return this.#native(text)
      }
      bytes[at++] = unit
    }
    bytes[at++] = QUOTE
    this.#at = at
    return true
  }

  #native(text: string): boolean {
    if (this.#at + text.length * MAX_BYTES_PER_UNIT + 2 > this.#end) return false
    this.#at += this.#bytes.write(JSON.stringify(text), this.#at)
    return true
  }

  #ascii(text: string): boolean {
    const { length } = text
    let at = this.#at
    if (at + length > this.#end) return false
    const bytes = this.#bytes
    for (let index = 0; index < length; index++) bytes[at++] = text.charCodeAt(index)
    this.#at = at
    return true
  }

  #byte(byte: number): boolean {
    if (this.#at >= this.#end) return false
    this.#bytes[this.#at++] = byte
    return true
  }
}

function isPlain(value: object): value is Record<string, unknown> {
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}
