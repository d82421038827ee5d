/** What a line says beside what every line must. */
export interface LineFields {
  readonly turn?: number
  readonly type?: string
  readonly agent?: string
  readonly causes?: readonly string[]
  readonly second?: number
  readonly description?: string
}

/** A line as a writer spells it. */
export function eventLine(id: string, fields: LineFields = {}): string {
  const { turn = 0, type = 'STATE', agent, causes, second = 0, description } = fields
  return JSON.stringify({
    event_id: id,
    timestamp: `2026-01-01T00:00:${String(second).padStart(2, '0')}.000000+00:00`,
    turn_number: turn,
    event_type: type,
    agent_id: agent,
    caused_by: causes,
    description,
  })
}

/** The text of a segment: each line with its newline. */
export function segmentText(...lines: readonly string[]): string {
  return lines.map((line) => `${line}\n`).join('')
}
