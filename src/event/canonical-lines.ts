import {
  type EventTypeCode,
  eventTypeOfCode,
  KIND_KEYS,
  RECORDED_EVENT_TYPES,
} from './event-type.js'
import { closingQuote, endOfDigits, endOfValue, NO_END } from './json-scan.js'
import { type DecodedLine, namesIn, NO_NAMES, PARTICIPANTS_KEY, shapeOf } from './line-parts.js'
import { parseCanonicalTimestamp, type TimestampMicros } from './timestamp.js'

const TIMESTAMP_LENGTH = 32
/** So many digits are exact in a double, whatever they are. */
const MAX_TURN_DIGITS = 15
const ZERO = 0x30
const QUOTE = 0x22
const EPOCH = 0 as TimestampMicros

/** Where a value stands that is not in the text as it is. */
export const NOWHERE = -1

/**
 * Takes lines apart that are spelled as turnlog spells them: their keys in their
 * order, no white space, no escape that need not be. This takes a fraction of
 * the time of parsing them. What it gives is what parsing would give, and the
 * parts are proved to spell the line again.
 *
 * Something else than is looked for loses the line: then nothing more is found
 * in it, and what was found means nothing.
 */
export class CanonicalLines {
  /** Where the parts of the last line stand in the text, or {@link NOWHERE}. */
  eventIdAt = NOWHERE
  descriptionAt = NOWHERE
  detailsAt = NOWHERE

  readonly #text: string
  readonly #isText: boolean
  readonly #simulation: string
  #start = 0
  #at = 0
  /** Where the last string stands, or {@link NOWHERE}. */
  #stringAt = NOWHERE
  /** The first one from where one was last looked for; the end of the text when there is none. */
  #backslash = NOWHERE

  /**
   * @param text where the lines stand, one a line
   * @param simulationId the name of the run's directory
   */
  constructor(text: string, simulationId: string) {
    this.#text = text
    this.#isText = text.isWellFormed()
    this.#simulation = JSON.stringify(simulationId)
  }

  /**
   * Takes apart the line from `start` to `end`.
   *
   * @returns undefined for a line that is spelled in any other way, be it an event or not
   */
  decode(start: number, end: number): DecodedLine | undefined {
    // Half of a surrogate pair is never spelled as it is.
    if (!this.#isText) return undefined
    if (start < this.#start) this.#backslash = NOWHERE
    this.#start = start
    this.#at = start
    this.#expect('{"event_id":')
    const eventId = this.#string()
    this.eventIdAt = this.#stringAt
    this.#expect(',"timestamp":"')
    const timestamp = this.#timestamp()
    this.#expect('","turn_number":')
    const turn = this.#turn()
    this.#expect(',"event_type":"')
    const type = this.#type()
    if (this.#at > end || eventId === '') return undefined

    const namesSimulation = this.#skip(',"simulation_id":')
    if (namesSimulation) this.#expect(this.#simulation)
    const agentId = this.#skip(',"agent_id":') ? this.#stringOrNull() : undefined
    const causes = this.#skip(',"caused_by":') ? this.#causes() : undefined
    const description = this.#skip(',"description":') ? this.#stringOrNull() : undefined
    this.descriptionAt = this.#stringAt
    const hasDetails = this.#skip(',"details":')
    this.detailsAt = this.#at
    const details = hasDetails ? this.#details(type) : undefined
    this.#expect('}')
    if (this.#at !== end) return undefined
    return {
      eventId,
      timestamp,
      turn,
      type,
      agentId: agentId ?? null,
      causedBy: causes?.text ?? null,
      description: description ?? null,
      details: details?.text ?? null,
      shape: shapeOf({
        agent_id: agentId,
        caused_by: causes,
        description,
        details,
        simulation_id: namesSimulation ? '' : undefined,
      }),
      raw: null,
      kind: details?.kind ?? null,
      causes: causes?.ids ?? NO_NAMES,
      participants: details?.participants ?? NO_NAMES,
    }
  }

  #lose(): void {
    this.#at = this.#text.length + 1
  }

  #skip(literal: string): boolean {
    if (!this.#text.startsWith(literal, this.#at)) return false
    this.#at += literal.length
    return true
  }

  #expect(literal: string): void {
    if (!this.#skip(literal)) this.#lose()
  }

  /** A string that is spelled as JSON.stringify spells it. */
  #string(): string {
    const start = this.#at
    const end = this.#closingQuote()
    const value = end === NO_END ? undefined : this.#canonicalString(start, end)
    if (value === undefined) {
      this.#lose()
      return ''
    }
    this.#at = end + 1
    return value
  }

  #stringOrNull(): string | null {
    return this.#skip('null') ? null : this.#string()
  }

  #closingQuote(): number {
    const start = this.#at
    return this.#text.charCodeAt(start) === QUOTE ? closingQuote(this.#text, start) : NO_END
  }

  /** @returns undefined unless `JSON.stringify` spells the string so, and UTF-8 can */
  #canonicalString(start: number, end: number): string | undefined {
    if (!this.#hasEscape(start, end)) {
      this.#stringAt = start + 1
      return this.#text.slice(start + 1, end)
    }
    this.#stringAt = NOWHERE
    const spelling = this.#text.slice(start, end + 1)
    const value = String(JSON.parse(spelling))
    return value.isWellFormed() && JSON.stringify(value) === spelling ? value : undefined
  }

  #hasEscape(start: number, end: number): boolean {
    if (this.#backslash < start) {
      const found = this.#text.indexOf('\\', start)
      this.#backslash = found === NOWHERE ? this.#text.length : found
    }
    return this.#backslash < end
  }

  #timestamp(): TimestampMicros {
    const end = this.#at + TIMESTAMP_LENGTH
    const timestamp = parseCanonicalTimestamp(this.#text.slice(this.#at, end))
    if (timestamp === undefined) this.#lose()
    else this.#at = end
    return timestamp ?? EPOCH
  }

  #turn(): number {
    const start = this.#at
    const digits = endOfDigits(this.#text, start) - start
    const isPadded = digits > 1 && this.#text.charCodeAt(start) === ZERO
    if (digits === 0 || digits > MAX_TURN_DIGITS || isPadded) this.#lose()
    else this.#at += digits
    return Number(this.#text.slice(start, start + digits))
  }

  #type(): EventTypeCode {
    const index = TYPE_WORDS.findIndex((word) => this.#skip(word))
    if (index === -1) this.#lose()
    return index + 1
  }

  /** A list of strings, none of them empty. */
  #causes(): { readonly text: string; readonly ids: readonly string[] } | null {
    if (this.#skip('null')) return null
    const start = this.#at
    const ids: string[] = []
    if (!this.#skip('[]')) {
      this.#expect('[')
      do {
        const id = this.#string()
        if (id === '') this.#lose()
        ids.push(id)
      } while (this.#skip(','))
      this.#expect(']')
    }
    const text = this.#text.slice(start, this.#at)
    return { text, ids: ids.length < 2 ? ids : [...new Set(ids)] }
  }

  /** An object, and what is looked for in it. */
  #details(type: EventTypeCode): Details | null {
    if (this.#skip('null')) return null
    const start = this.#at
    const kindKey = KIND_KEYS[eventTypeOfCode(type)]
    let kind: string | null = null
    let participants = NO_NAMES
    if (!this.#skip('{}')) {
      this.#expect('{')
      do {
        const key = this.#key()
        this.#expect(':')
        const valueAt = this.#at
        if (!this.#skipValue()) break
        // Of a key given twice the last one counts.
        if (key === kindKey) kind = this.#textFrom(valueAt)
        else if (key === PARTICIPANTS_KEY) participants = this.#namesFrom(valueAt)
      } while (this.#skip(','))
      this.#expect('}')
    }
    return { text: this.#text.slice(start, this.#at), kind, participants }
  }

  /** A key without an escape. */
  #key(): string {
    const start = this.#at
    const end = this.#closingQuote()
    if (end === NO_END || this.#hasEscape(start, end)) this.#lose()
    else this.#at = end + 1
    return this.#text.slice(start + 1, end)
  }

  /** Any JSON value. */
  #skipValue(): boolean {
    const end = endOfValue(this.#text, this.#at)
    if (end === NO_END) this.#lose()
    else this.#at = end
    return end !== NO_END
  }

  /** What the value says that ends here; null when it is no text, or none that UTF-8 can spell. */
  #textFrom(start: number): string | null {
    const spelling = this.#text.slice(start, this.#at)
    if (!spelling.startsWith('"')) return null
    if (!this.#hasEscape(start, this.#at)) return spelling.slice(1, -1)
    const value = String(JSON.parse(spelling))
    return value.isWellFormed() ? value : null
  }

  /** The names in the value that ends here. */
  #namesFrom(start: number): readonly string[] {
    return namesIn(JSON.parse(this.#text.slice(start, this.#at)))
  }
}

interface Details {
  readonly text: string
  readonly kind: string | null
  readonly participants: readonly string[]
}

const TYPE_WORDS = RECORDED_EVENT_TYPES.map((type) => `${type}"`)
