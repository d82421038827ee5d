import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { decodeLine, encodeLine } from '#src/event/event-line.js'
import {
  eventSchema,
  MAX_DESCRIPTION_LENGTH,
  MILESTONE_TYPES,
  STATE_SCOPES,
  SYSTEM_STATUSES,
} from '#src/event/event-schema.js'
import { EVENT_TYPES, KIND_KEYS } from '#src/event/event-type.js'
import { parseTimestamp } from '#src/event/timestamp.js'
import { MAX_LINE_BYTES } from '#src/segment/block-reader.js'
import { compareSegmentNames, isSegmentName, sealedSegmentName } from '#src/segment/segment-name.js'

const page = readFileSync(new URL('../../docs/format.md', import.meta.url), 'utf8')
const RUN = 'market-20251004-142345-6agents'

/** The lines of every example that is marked so. */
function examples(mark: string): string[] {
  const blocks = page.matchAll(/^```jsonl ?(.*)\n([^]*?)\n```$/gm)
  return [...blocks].flatMap(([, marked, text = '']) => (marked === mark ? text.split('\n') : []))
}

/** The cells of the rows of the table under a heading. */
function tableUnder(heading: string): string[][] {
  const section = page.split(/^## /m).find((text) => text.startsWith(`${heading}\n`)) ?? ''
  const rows = section.split('\n').filter((line) => line.startsWith('| `'))
  return rows.map((row) => row.split('|').map((cell) => cell.trim()))
}

describe('docs/format.md', () => {
  it('marks its examples as the test expects them', () => {
    const fences = [...page.matchAll(/^```(jsonl?.*)$/gm)].map(([, mark]) => mark)
    expect(new Set(fences)).toEqual(new Set(['jsonl strict', 'jsonl', 'jsonl reject']))
  })

  it.each(examples('strict'))('shows an event as turnlog writes it: %s', (line) => {
    expect(eventSchema.safeParse(JSON.parse(line)).error).toBeUndefined()
    expect(decodeLine(line, RUN)).toMatchObject({ raw: null })
  })

  it.each(examples(''))('shows an event others write: %s', (line) => {
    const decoded = decodeLine(line, 'solo')
    if ('problem' in decoded) throw new Error(decoded.problem)
    expect(encodeLine(decoded, 'solo')).toBe(line)
    expect(eventSchema.safeParse(JSON.parse(line)).success).toBe(false)
  })

  it.each(examples('reject'))('shows a line that is no event: %s', (line) => {
    expect(decodeLine(line, RUN)).toHaveProperty('problem')
  })

  it('shows every type once at least', () => {
    const shown = examples('strict').map((line) => eventSchema.parse(JSON.parse(line)).event_type)
    expect(new Set(shown)).toEqual(new Set(EVENT_TYPES))
  })

  it('lists the fields in the order they are written', () => {
    const [first = '', , full = ''] = examples('strict')
    const fields = tableUnder('An event').map(([, field = '']) => field.replaceAll('`', ''))
    const written = Object.keys(eventSchema.parse(JSON.parse(first)))
    expect(fields).toHaveLength(9)
    expect(fields.filter((field) => written.includes(field)).sort()).toEqual(written.sort())
    for (const line of [first, full]) {
      const keys = [...line.matchAll(/[{,]"(\w+)":/g)].map(([, key = '']) => key)
      const order = fields.filter((field) => keys.includes(field))
      expect(keys.filter((key) => fields.includes(key))).toEqual(order)
    }
  })

  it('lists the details of every type, its own word first, and every word a key may have', () => {
    const rows = tableUnder('Details by type')
    expect(rows.map(([, type]) => type)).toEqual(EVENT_TYPES.map((type) => `\`${type}\``))
    for (const [index, type] of EVENT_TYPES.entries()) {
      expect(rows[index]?.[2]).toMatch(new RegExp(`^\`${KIND_KEYS[type]}\``))
    }
    const cells = rows.map(([, , cell]) => cell).join(' ')
    for (const word of [...MILESTONE_TYPES, ...SYSTEM_STATUSES, ...STATE_SCOPES]) {
      expect(cells).toContain(`\`${word}\``)
    }
  })

  it('names spellings of timestamps that are read, all of one day', () => {
    const spellings = tableUnder('Timestamps').map(([, cell = '']) => cell.replaceAll('`', ''))
    const seconds = spellings.map((text) => Math.floor((parseTimestamp(text) ?? NaN) / 1e6))
    expect(new Set(seconds)).toEqual(new Set([Date.UTC(2025, 9, 4, 14, 23, 45) / 1000]))
    expect(spellings).toHaveLength(5)
  })

  it('says how far timestamps reach', () => {
    expect(page).toContain('The years 1685 to 2254')
    expect(parseTimestamp('1685-01-01T00:00:00Z')).toBeDefined()
    expect(parseTimestamp('2254-12-31T23:59:59Z')).toBeDefined()
    expect(parseTimestamp('1684-01-01T00:00:00Z')).toBeUndefined()
    expect(parseTimestamp('2255-12-31T23:59:59Z')).toBeUndefined()
  })

  it('states the limits the code has', () => {
    expect(page).toContain(`at most ${MAX_DESCRIPTION_LENGTH} characters`)
    expect(page).toContain(
      `${MAX_LINE_BYTES / 1024 ** 2} MiB (${MAX_LINE_BYTES.toLocaleString('en')} bytes)`,
    )
  })

  it('names segments as the code does', () => {
    const at = new Date('2025-10-04T14:31:07Z')
    const names = [sealedSegmentName(at), sealedSegmentName(at, 1), 'events.jsonl']
    for (const name of names) {
      expect(page).toContain(name)
      expect(isSegmentName(name)).toBe(true)
    }
    expect([...names].sort(compareSegmentNames)).toEqual(names)
  })
})
