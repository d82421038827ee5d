/** What is still to be spelled. */
interface Piece {
  /** What stands before the value. */
  readonly text: string
  readonly value: unknown
}

/** The value of a piece that is only text. */
const NOTHING = Symbol('nothing')

/**
 * One text for all JSON texts of the same value, as `isSameJson` has it: keys in
 * any order, numbers in any spelling. However deep they are nested, the stack
 * does not grow.
 *
 * @throws SyntaxError when it is not JSON
 */
export function canonicalJson(json: string): string {
  let canonical = ''
  const parsed: unknown = JSON.parse(json)
  /** The next one last. */
  const rest: Piece[] = [{ text: '', value: parsed }]
  for (let piece = rest.pop(); piece !== undefined; piece = rest.pop()) {
    const { text, value } = piece
    canonical += text
    if (value === NOTHING) continue
    if (typeof value !== 'object' || value === null) {
      canonical += spell(value)
      continue
    }
    const [opening, closing] = Array.isArray(value) ? ['[', ']'] : ['{', '}']
    canonical += opening
    rest.push({ text: closing, value: NOTHING })
    const members = membersOf(value)
    for (let index = members.length - 1; index >= 0; index--) {
      const [name = '', member] = members[index] ?? []
      rest.push({ text: (index === 0 ? '' : ',') + name, value: member })
    }
  }
  return canonical
}

/** What stands before each value, and the value; the keys of an object sorted. */
function membersOf(value: object): readonly (readonly [name: string, member: unknown])[] {
  if (Array.isArray(value)) return value.map((member: unknown) => ['', member])
  return Object.entries(value)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, member]: [string, unknown]) => [`${JSON.stringify(key)}:`, member])
}

/** A number as JavaScript spells it, but for -0, which is 0. */
function spell(value: unknown): string {
  return typeof value === 'number' ? String(value) : JSON.stringify(value)
}
