import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { TurnlogClient } from '#api/client/index.js'
import type { RunningServer } from '#api/server.js'
import { serve } from '../support/api-client.js'
import { FIXTURE, IndexedRoot } from '../support/indexed-root.js'
import { readInFileOrder, readRun } from '../support/naive.js'
import { buildSnippet, snippets } from '../support/snippets.js'

const PAGE = 'docs/client.md'
const [first = '', all = '', follow = '', errors = '', ...more] = snippets(PAGE)

let indexed: IndexedRoot
let server: RunningServer

beforeAll(async () => {
  indexed = await IndexedRoot.ofFixture()
  server = await serve(indexed.reader)
})
afterAll(async () => {
  await server.close()
  await indexed.close()
})

/** Runs a snippet against a server of this process. @returns what it prints */
async function run(snippet: string, url: string): Promise<string> {
  const { directory, script } = buildSnippet(snippet.replace('http://127.0.0.1:8000', url))
  const { stdout } = await promisify(execFile)(process.execPath, [script], { cwd: directory })
  return stdout
}

describe(PAGE, () => {
  it('has no snippet that is not run', () => {
    expect(more).toEqual([])
  })

  it('names every method, and no other', () => {
    const rows = [...readFileSync(PAGE, 'utf8').matchAll(/^\| `(\w+)\(.*?\)` +\|/gm)]
    const methods = Object.getOwnPropertyNames(TurnlogClient.prototype)
    expect(rows.map(([, name]) => name).sort()).toEqual(
      methods.filter((name) => name !== 'constructor').sort(),
    )
  })

  it('shows how to ask', async () => {
    expect(await run(first, server.url)).toBe(
      'market-20251004-142345-6agents: 2000 events\nsolo: 41 events\nthe latest of 4: agent_bob acted\n',
    )
  })

  it('shows how to go through all events', async () => {
    const stdout = await run(all, server.url)
    expect(stdout).toMatch(/^Map\(\d\) \{/)
    const counted = [...stdout.matchAll(/=> (\d+)/g)].map(([, count]) => Number(count))
    expect(counted.reduce((sum, count) => sum + count, 0)).toBe(
      readRun(FIXTURE, 'solo').filter(({ type }) => type === 'DECISION').length,
    )
  })

  it('shows how to follow', async () => {
    const actions = readInFileOrder(FIXTURE, 'solo').filter(({ type }) => type === 'ACTION')
    const last = actions.findIndex(({ turn }) => turn >= 3)
    expect(last).toBeGreaterThan(0)
    const printed = actions.slice(0, last + 1).map(({ turn, line }) => {
      const { description } = JSON.parse(line) as { readonly description: string }
      return `turn ${turn}: ${description}\n`
    })
    expect(await run(follow, server.url)).toBe(printed.join(''))
  })

  it('shows what a refusal says', async () => {
    expect(await run(errors, server.url)).toBe(
      '422 INVALID_PARAMETER\nlimit must be a whole number from 1 to 10000\n',
    )
  })
})
