import { execFileSync } from 'node:child_process'
import { cpSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { createActionEvent } from '#src/event/builders.js'
import { SidecarStore } from '#src/store/sidecar-store.js'
import { indexRoot } from '#indexer/index-root.js'
import { FIXTURE, IndexedRoot } from '../support/indexed-root.js'
import { buildSnippet, snippets } from '../support/snippets.js'

const PAGE = 'docs/library.md'
const [first = '', shapes = '', errors = '', ...more] = snippets(PAGE)

/** Runs a snippet beside a root of these runs. @returns what it prints */
async function run(snippet: string, prepare: (root: string) => void): Promise<string> {
  const { directory, script } = buildSnippet(snippet)
  const root = join(directory, 'output')
  prepare(root)
  await indexRoot({ root, db: join(root, '.turnlog', 'index.db') })
  return execFileSync(process.execPath, [script], { cwd: directory, encoding: 'utf8' })
}

function copyFixture(root: string): void {
  cpSync(FIXTURE, root, { recursive: true })
}

describe(PAGE, () => {
  it('has no snippet that is not run', () => {
    expect(more).toEqual([])
  })

  it('names every method, and no other', () => {
    const rows = [...readFileSync(PAGE, 'utf8').matchAll(/^\| `(\w+)\(.*?\)` +\|/gm)]
    const methods = Object.getOwnPropertyNames(SidecarStore.prototype)
    expect(rows.map(([, name]) => name).sort()).toEqual(
      methods.filter((name) => name !== 'constructor').sort(),
    )
  })

  it('shows how to ask', async () => {
    const stdout = await run(first, copyFixture)
    expect(stdout).toMatch(/^market-20251004-142345-6agents: 2000 events\nsolo: 41 events\n/)
    expect(stdout.match(/^2 .*: .* decided/gm)).toHaveLength(3)
  })

  it('shows how to tell shapes apart', async () => {
    const action = createActionEvent({
      simulationId: 'market-1',
      turnNumber: 1,
      agentId: 'a',
      actionType: 'trade',
      actionPayload: { amount: 3 },
    })
    const other = { ...action, event_id: 'x', details: 7 }
    const indexed = await IndexedRoot.of({
      'market-1': { 'events.jsonl': [action, other].map((event) => JSON.stringify(event)) },
    })
    const stdout = await run(shapes, (root) => {
      cpSync(indexed.root, root, { recursive: true })
    })
    await indexed.close()
    expect(stdout).toBe('3 in all, 1 events of another shape\n')
  })

  it('shows what an error says', async () => {
    expect(await run(errors, copyFixture)).toBe(
      'SIMULATION_NOT_FOUND: no simulation has the id "sollo"\ndid you mean solo? `turnlog ls` lists the ids there are\n',
    )
  })
})
