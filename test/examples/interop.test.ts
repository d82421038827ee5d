import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { createMarket } from '../../examples/market.js'
import { VERBOSITY_LEVELS } from '#src/event/verbosity.js'
import { faultsOf } from '../support/strict-line.js'
import { temporaryDirectory } from '../support/temporary-directory.js'
import { linesOf } from '../support/writing.js'

describe('a run of ours', () => {
  it.each(VERBOSITY_LEVELS)('at verbosity %s keeps to the format, line by line', async (level) => {
    const outputRoot = temporaryDirectory()
    const options = { outputRoot, eventVerbosity: level, turns: 30 }
    const { simulationId, directory } = await createMarket(options).run()
    const lines = linesOf(outputRoot, simulationId)
    expect(lines.length).toBeGreaterThan(100)
    for (const line of lines) expect(faultsOf(line), line).toEqual([])
    const events = lines.map((line) => JSON.parse(line) as Record<string, string>)
    expect(new Set(events.map((event) => event['simulation_id']))).toEqual(new Set([simulationId]))
    for (const key of ['event_id', 'timestamp'] as const) {
      const values = events.map((event) => event[key] ?? '')
      expect(values).toEqual([...new Set(values)].sort())
    }
    expect(readFileSync(join(directory, 'events.jsonl')).includes(0x0d)).toBe(false)
  })
})

describe('the strict check', () => {
  const line = {
    event_id: '01K6QSPYQQECAPQKQSZ39S9QG5',
    timestamp: '2025-10-04T14:23:45.123456+00:00',
    turn_number: 0,
    event_type: 'STATE',
    simulation_id: 'run',
    details: { variable_name: 'rain', old_value: null, new_value: 1 },
  }

  it.each([
    [{ turn_number: 0.5 }],
    [{ event_id: 'e1' }],
    [{ timestamp: '2025-10-04T14:23:45Z' }],
    [{ event_type: 'ENV' }],
    [{ agent_id: '' }],
    [{ caused_by: 'e1' }],
    [{ description: 'x'.repeat(501) }],
    [{ details: { variable_name: 'rain', old_value: 1 } }],
    [{ details: { ...line.details, scope: 'world' } }],
    [{ event_type: 'MILESTONE', agent_id: 'a', details: { milestone_type: 'turn_end' } }],
    [{ event_type: 'DECISION', details: { decision_type: 'price' } }],
    [{ extra: 1 }],
  ])('finds fault with %j', (changes) => {
    expect(faultsOf(JSON.stringify(line))).toEqual([])
    expect(faultsOf(JSON.stringify({ ...line, ...changes }))).not.toEqual([])
  })
})
