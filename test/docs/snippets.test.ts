import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { eventSchema, type TurnlogEvent } from '#src/event/event-schema.js'
import { wordOf } from '../support/small-world.js'
import { buildSnippet, snippets } from '../support/snippets.js'
import { recorded } from '../support/writing.js'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))

/** Runs a snippet. */
function run(snippet: string): { stdout: string; events: TurnlogEvent[] } {
  const { directory, script } = buildSnippet(snippet)
  const stdout = execFileSync(process.execPath, [script], { cwd: directory, encoding: 'utf8' })
  const [simulationId = ''] = readdirSync(join(directory, 'output'))
  return { stdout, events: recorded(join(directory, 'output'), simulationId) }
}

describe('README.md', () => {
  it('shows a simulation that records everything', () => {
    const [, snippet = ''] = snippets('README.md')
    const words = run(snippet).events.map(wordOf)
    for (const word of ['turn_start', 'success', 'plan', 'dig', 'gold', 'turn_end']) {
      expect(words.filter((one) => one === word).length, word).toBeGreaterThanOrEqual(3)
    }
  })
})

describe('docs/simulation.md', () => {
  const [village = '', types = '', ...more] = snippets('docs/simulation.md')

  it('has no snippet that is not run', () => {
    expect(more).toEqual([])
  })

  it('shows an orchestrator that plays as the page says', () => {
    const { stdout, events } = run(village)
    expect(stdout).toMatch(/^village-\d{8}-\d{6}-1agents: completed after 3 turns\n$/)
    const words = new Set(events.map(wordOf))
    for (const word of ['mood', 'give', 'grain', 'yield', 'harvest', 'success']) {
      expect(words).toContain(word)
    }
  })

  it('shows a type of one’s own', () => {
    expect(run(types).events.map(wordOf)).toEqual(['trade'])
  })

  it('shows calls as they are written', () => {
    const page = readFileSync(join(ROOT, 'docs/simulation.md'), 'utf8')
    const lines = [...page.matchAll(/^\{"event_id".*$/gm)].map(([line]) => line)
    expect(lines).toHaveLength(2)
    for (const line of lines) expect(eventSchema.parse(JSON.parse(line))).toBeTypeOf('object')
  })
})
