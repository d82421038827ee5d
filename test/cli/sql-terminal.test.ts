import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { indexRoot } from '#indexer/index-root.js'
import { eventually } from '../support/eventually.js'
import { type CommandAtTerminal, startAtTerminal } from '../support/run-cli.js'
import { temporaryDirectory } from '../support/temporary-directory.js'

const FIXTURE = fileURLToPath(new URL('../fixtures/llm-sim', import.meta.url))
const RUNAWAY = 'WITH RECURSIVE t AS (SELECT 1 UNION ALL SELECT 1 FROM t) SELECT count(*) FROM t;'
const CTRL_C = '\u0003'
const CTRL_D = '\u0004'
const ENTER = '\r'

async function indexed(directory: string): Promise<string> {
  const db = join(directory, 'x.db')
  await indexRoot({ root: FIXTURE, db, search: false })
  return db
}

interface Prompt extends CommandAtTerminal {
  /** Types a query that does not end by itself, and resolves once it is under way. */
  readonly runAway: () => Promise<void>
}

async function promptAtTerminal(): Promise<Prompt> {
  const directory = temporaryDirectory()
  const db = await indexed(directory)
  const command = startAtTerminal(directory, 'sql', '--db', db, '--timeout', '600')
  await command.output(/turnlog> /)
  return {
    ...command,
    async runAway() {
      command.type(RUNAWAY + ENTER)
      await eventually(() => {
        expect(readFileSync(join(directory, 'turnlog/sql-history'), 'utf8')).toBe(`${RUNAWAY}\n`)
      })
    },
  }
}

describe('turnlog sql with a query, at a terminal', () => {
  it('ends at Ctrl-C without a word', async () => {
    const directory = temporaryDirectory()
    const db = await indexed(directory)
    // A table of what it gives, and then nothing more.
    const query = `WITH RECURSIVE
      some (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM some LIMIT 1000),
      endless (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM endless)
      SELECT n FROM some UNION ALL SELECT count(*) FROM endless`
    const command = startAtTerminal(directory, 'sql', '--db', db, '--timeout', '600', query)
    await command.output(/^1000\r$/m)
    command.type(CTRL_C)
    expect(await command.exited()).toBe(130)
    await expect(command.output(/turnlog:/)).rejects.toThrow('ended without printing')
  })
})

describe('turnlog sql at a terminal', () => {
  it.each([
    ['.quit', `.quit${ENTER}`],
    ['.exit, whatever is typed behind it', `.exit${ENTER}${RUNAWAY}${ENTER}`],
    ['Ctrl-D', CTRL_D],
  ])('is left by %s', async (_, keys) => {
    const { type, exited } = await promptAtTerminal()
    type(keys)
    expect(await exited()).toBe(0)
  })

  it('is left by Ctrl-D while a query runs, without those typed ahead', async () => {
    const { type, output, runAway, exited } = await promptAtTerminal()
    await runAway()
    type(`SELECT 'ahe' || 'ad';${ENTER}${CTRL_D}`)
    await output(/\(stopped\)/)
    expect(await exited()).toBe(0)
    await expect(output(/ahead/)).rejects.toThrow('ended without printing')
  })

  it('stays at Ctrl-C, which ends the query', async () => {
    const { type, output, runAway, exited } = await promptAtTerminal()
    await runAway()
    type(CTRL_C)
    await output(/\(stopped\)\r\n[^]*turnlog> /)
    type(`SELECT 40 + 2 AS answer;${ENTER}`)
    await output(/answer\r\n *42\r\n/)
    type(CTRL_D)
    expect(await exited()).toBe(0)
  })
})
