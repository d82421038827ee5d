import { closingQuote, endOfDigits, endOfValue, literal, NO_END, standsAt } from './json-scan.js'

const QUOTE = 0x22
const ZERO = 0x30
const BACKSLASH = 0x5c
const NULL = literal('null')

/** So many digits are exact in a double, whatever they are. */
const MAX_DIGITS = 15

/** Part of the bytes: from `start` up to, not including, `end`. */
export interface ByteSpan {
  start: number
  end: number
}

/** A string between its quotes, or null. */
export interface TextPart extends ByteSpan {
  isNull: boolean
  /** The text itself, where an escape makes it another one than stands in the bytes. */
  unescaped: string | undefined
}

/** A part that says null. */
export function nullPart(): TextPart {
  return { start: 0, end: 0, isNull: true, unescaped: undefined }
}

/**
 * Goes through a line of JSON without white space, step by step. A step that
 * finds something else than it looks for loses the line: `at` and what further
 * steps find then mean nothing.
 */
export class LineScanner {
  /** Where the next step begins. */
  at = 0
  readonly #bytes: Buffer
  #isLost = false

  /** @param bytes UTF-8, in which a newline stands behind every line */
  constructor(bytes: Buffer) {
    this.#bytes = bytes
  }

  /** Begins a line. */
  begin(at: number): void {
    this.at = at
    this.#isLost = false
  }

  lose(): void {
    this.#isLost = true
  }

  isLost(): boolean {
    return this.#isLost
  }

  /** Goes over what is wanted when it stands here. */
  skip(wanted: Uint8Array): boolean {
    if (this.#isLost || !standsAt(this.#bytes, this.at, wanted)) return false
    this.at += wanted.length
    return true
  }

  expect(wanted: Uint8Array): void {
    if (!this.skip(wanted)) this.lose()
  }

  /** Goes over a string that is not empty and has no escape. */
  idInto(span: ByteSpan): void {
    const end = this.#closingQuote()
    span.start = this.at + 1
    span.end = end
    if (end <= span.start || this.#hasEscape(span)) this.lose()
    else this.at = end + 1
  }

  /** Goes over a string as JSON.stringify spells it, or null. */
  textInto(part: TextPart): void {
    part.isNull = this.skip(NULL)
    if (part.isNull) return
    const end = this.#closingQuote()
    part.start = this.at + 1
    part.end = end
    part.unescaped = undefined
    if (end === NO_END) this.lose()
    else {
      this.at = end + 1
      if (this.#hasEscape(part)) part.unescaped = this.#unescape(part)
    }
  }

  #unescape(part: ByteSpan): string {
    const text = this.#parse(part)
    // Half of a surrogate pair is no text, and another spelling could not be told from this one.
    const isCanonical = text.isWellFormed() && JSON.stringify(text) === `"${this.textOf(part)}"`
    if (!isCanonical) this.lose()
    return text
  }

  /** Goes over any value; only a string, in whatever spelling, is a text, and others are null. */
  valueInto(part: TextPart): void {
    const isString = this.#bytes[this.at] === QUOTE
    part.start = this.at + 1
    this.skipValue()
    part.end = this.at - 1
    part.unescaped =
      isString && !this.#isLost && this.#hasEscape(part) ? this.#parse(part) : undefined
    part.isNull = !isString || part.unescaped?.isWellFormed() === false
  }

  /** Goes over a key without an escape. */
  skipKey(): void {
    const end = this.#closingQuote()
    if (end === NO_END || this.#hasEscape({ start: this.at, end })) this.lose()
    else this.at = end + 1
  }

  /** Goes over any value. */
  skipValue(): void {
    const end = this.#isLost ? NO_END : endOfValue(this.#bytes, this.at)
    if (end === NO_END) this.lose()
    else this.at = end
  }

  /** Goes over a whole number from 0. */
  integer(): number {
    const start = this.at
    this.at = endOfDigits(this.#bytes, start)
    const digits = this.at - start
    const isPadded = digits > 1 && this.#bytes[start] === ZERO
    if (digits === 0 || digits > MAX_DIGITS || isPadded) this.lose()
    let value = 0
    for (let at = start; at < this.at; at++) value = value * 10 + (this.#bytes[at] ?? ZERO) - ZERO
    return value
  }

  /** What some of the bytes say. */
  textOf({ start, end }: ByteSpan): string {
    return this.#bytes.toString('utf8', start, end)
  }

  /** What stands between two quotes. */
  #parse(span: ByteSpan): string {
    return String(JSON.parse(`"${this.textOf(span)}"`))
  }

  /** Of a string that begins here; {@link NO_END} where none does. */
  #closingQuote(): number {
    const begins = !this.#isLost && this.#bytes[this.at] === QUOTE
    return begins ? closingQuote(this.#bytes, this.at) : NO_END
  }

  #hasEscape({ start, end }: ByteSpan): boolean {
    for (let at = start; at < end; at++) if (this.#bytes[at] === BACKSLASH) return true
    return false
  }
}
