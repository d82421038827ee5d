import {
  type EventTypeCode,
  eventTypeOfCode,
  KIND_KEYS,
  RECORDED_EVENT_TYPES,
} from './event-type.js'
import { closingQuote, endOfDigits, endOfValue, NO_END } from './json-scan.js'
import { type DecodedLine, shapeOf } from './line-parts.js'
import { parseCanonicalTimestamp, type TimestampMicros } from './timestamp.js'

/**
 * Takes apart a line that is spelled as turnlog spells it: its keys in their
 * order, no white space, no escape that need not be. This takes a fraction of
 * the time of parsing it. What it gives is what parsing would give, and the
 * parts are proved to spell the line again.
 *
 * @param simulationId the name of the run's directory
 * @returns undefined for every other line, be it an event or not
 */
export function decodeCanonicalLine(line: string, simulationId: string): DecodedLine | undefined {
  const cursor = new LineCursor(line)
  cursor.expect('{"event_id":')
  const eventId = cursor.text()
  cursor.expect(',"timestamp":"')
  const timestamp = cursor.timestamp()
  cursor.expect('","turn_number":')
  const turn = cursor.turn()
  cursor.expect(',"event_type":"')
  const type = cursor.type()
  if (cursor.isLost || eventId === '') return undefined

  const namesSimulation = cursor.skip(',"simulation_id":')
  if (namesSimulation) cursor.expect(spelled(simulationId))
  const agentId = cursor.skip(',"agent_id":') ? cursor.textOrNull() : undefined
  const causes = cursor.skip(',"caused_by":') ? cursor.causes() : undefined
  const description = cursor.skip(',"description":') ? cursor.textOrNull() : undefined
  const details = cursor.skip(',"details":') ? cursor.details(type) : undefined
  cursor.expect('}')
  if (!cursor.isAtEnd) return undefined
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
      simulation_id: namesSimulation ? simulationId : undefined,
    }),
    raw: null,
    kind: details?.kind ?? null,
    causes: causes?.ids ?? NO_CAUSES,
  }
}

const NO_CAUSES: readonly string[] = []
const TIMESTAMP_LENGTH = 32
/** So many digits are exact in a double, whatever they are. */
const MAX_TURN_DIGITS = 15
const ZERO = 0x30
const QUOTE = 0x22
const EPOCH = 0 as TimestampMicros

const TYPE_WORDS = RECORDED_EVENT_TYPES.map((type) => `${type}"`)

let lastSimulation = ''
let lastSimulationSpelled = '""'

/** As encodeLine spells it; neighbouring lines name the same one. */
function spelled(simulationId: string): string {
  if (simulationId !== lastSimulation) {
    lastSimulation = simulationId
    lastSimulationSpelled = JSON.stringify(simulationId)
  }
  return lastSimulationSpelled
}

/**
 * A line and how far it is read. What finds something else than it looks for
 * loses the line: then nothing more is found, and what was given means nothing.
 */
class LineCursor {
  readonly #line: string
  #at = 0

  constructor(line: string) {
    this.#line = line
  }

  get isLost(): boolean {
    return this.#at > this.#line.length
  }

  get isAtEnd(): boolean {
    return this.#at === this.#line.length
  }

  #lose(): void {
    this.#at = this.#line.length + 1
  }

  skip(literal: string): boolean {
    if (!this.#line.startsWith(literal, this.#at)) return false
    this.#at += literal.length
    return true
  }

  expect(literal: string): void {
    if (!this.skip(literal)) this.#lose()
  }

  /** A string that is spelled as JSON.stringify spells it. */
  text(): string {
    const start = this.#at
    const end = this.#line.charCodeAt(start) === QUOTE ? closingQuote(this.#line, start) : NO_END
    const value = end === NO_END ? undefined : canonicalString(this.#line.slice(start, end + 1))
    if (value === undefined) {
      this.#lose()
      return ''
    }
    this.#at = end + 1
    return value
  }

  textOrNull(): string | null {
    return this.skip('null') ? null : this.text()
  }

  timestamp(): TimestampMicros {
    const end = this.#at + TIMESTAMP_LENGTH
    const timestamp = parseCanonicalTimestamp(this.#line.slice(this.#at, end))
    if (timestamp === undefined) this.#lose()
    else this.#at = end
    return timestamp ?? EPOCH
  }

  turn(): number {
    const start = this.#at
    const digits = endOfDigits(this.#line, start) - start
    const isPadded = digits > 1 && this.#line.charCodeAt(start) === ZERO
    if (digits === 0 || digits > MAX_TURN_DIGITS || isPadded) this.#lose()
    else this.#at += digits
    return Number(this.#line.slice(start, start + digits))
  }

  type(): EventTypeCode {
    const index = TYPE_WORDS.findIndex((word) => this.skip(word))
    if (index === -1) this.#lose()
    return index + 1
  }

  /** A list of strings, none of them empty. */
  causes(): { readonly text: string; readonly ids: readonly string[] } | null {
    if (this.skip('null')) return null
    const start = this.#at
    const ids: string[] = []
    if (!this.skip('[]')) {
      this.expect('[')
      do {
        const id = this.text()
        if (id === '') this.#lose()
        ids.push(id)
      } while (this.skip(','))
      this.expect(']')
    }
    const text = this.#line.slice(start, this.#at)
    return { text, ids: ids.length < 2 ? ids : [...new Set(ids)] }
  }

  /** An object, and the word that its type keeps in it. */
  details(type: EventTypeCode): { readonly text: string; readonly kind: string | null } | null {
    if (this.skip('null')) return null
    const start = this.#at
    const kindKey = KIND_KEYS[eventTypeOfCode(type)]
    let kind: string | null = null
    if (!this.skip('{}')) {
      this.expect('{')
      do {
        const isKind = this.#key() === kindKey
        this.expect(':')
        const value = this.#value()
        // Of a key given twice the last one counts.
        if (isKind) kind = value.startsWith('"') ? wellFormed(value) : null
      } while (this.skip(','))
      this.expect('}')
    }
    return { text: this.#line.slice(start, this.#at), kind }
  }

  /** A key without an escape. */
  #key(): string {
    const start = this.#at
    const end = this.#line.charCodeAt(start) === QUOTE ? closingQuote(this.#line, start) : NO_END
    const key = this.#line.slice(start + 1, end)
    if (end === NO_END || key.includes('\\')) this.#lose()
    else this.#at = end + 1
    return key
  }

  /** Any JSON value, as it is spelled. */
  #value(): string {
    const end = endOfValue(this.#line, this.#at)
    if (end === NO_END) {
      this.#lose()
      return ''
    }
    const value = this.#line.slice(this.#at, end)
    this.#at = end
    return value
  }
}

/** @returns undefined unless `JSON.stringify` spells the string so, and UTF-8 can */
function canonicalString(spelling: string): string | undefined {
  const value = wellFormed(spelling)
  if (value === null) return undefined
  return !spelling.includes('\\') || JSON.stringify(value) === spelling ? value : undefined
}

/** @returns what a JSON string says, or null when it holds half of a surrogate pair */
function wellFormed(spelling: string): string | null {
  const value = spelling.includes('\\') ? String(JSON.parse(spelling)) : spelling.slice(1, -1)
  return value.isWellFormed() ? value : null
}
