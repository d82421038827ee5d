import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { appendFileSync, mkdirSync, readFileSync, renameSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { indexRoot } from '#indexer/index-root.js'
import { reindexRoot } from '#indexer/reindex.js'
import { verifyRoot } from '#indexer/verify-root.js'
import { dumpSidecar } from '../support/sidecar-dump.js'
import { inTemporaryDirectory } from '../support/temporary-directory.js'

const FIXTURE = fileURLToPath(
  new URL('../fixtures/llm-sim/market-20251004-142345-6agents', import.meta.url),
)
const SCRIPT = fileURLToPath(new URL('../support/index-once.mjs', import.meta.url))
const SEGMENTS = ['events_2026-11-23_07-40-23-114144.jsonl', 'events.jsonl']

describe('indexing that is killed again and again', () => {
  it('ends as a full reindex does, while the run grows and rotates', async () => {
    const lines = SEGMENTS.flatMap((name) =>
      readFileSync(join(FIXTURE, name), 'utf8').split(/(?<=\n)/),
    )
    await fc.assert(
      fc.asyncProperty(
        // When each process is killed, in milliseconds from its start; the early ones do not get to work.
        fc.array(fc.integer({ min: 60, max: 200 }), { minLength: 4, maxLength: 6 }),
        (killAfter) =>
          inTemporaryDirectory(async (directory) => {
            const root = join(directory, 'root')
            const db = join(directory, 'index.db')
            const run = join(root, 'run')
            mkdirSync(run, { recursive: true })
            const share = Math.ceil(lines.length / killAfter.length)
            for (const [round, milliseconds] of killAfter.entries()) {
              const piece = lines.slice(round * share, (round + 1) * share).join('')
              appendFileSync(join(run, 'events.jsonl'), piece)
              await killAnIndexer(root, db, milliseconds, round % 2 === 0 ? 'thread' : 'none')
              if (round % 2 === 1) {
                renameSync(join(run, 'events.jsonl'), join(run, `events_${round}.jsonl`))
                appendFileSync(join(run, 'events.jsonl'), '')
              }
            }
            await indexRoot({ root, db, search: true })
            const rebuilt = `${db}.rebuilt`
            await reindexRoot({ root, db: rebuilt })
            expect(dumpSidecar(db)).toEqual(dumpSidecar(rebuilt))
            expect(verifyRoot({ root, db })).toMatchObject({ equal: true, events: lines.length })
          }),
      ),
      { numRuns: 4 },
    )
  })
})

/** @param thread whether it decodes on a thread of its own */
async function killAnIndexer(
  root: string,
  db: string,
  milliseconds: number,
  thread: 'thread' | 'none',
): Promise<void> {
  const child = spawn(process.execPath, [SCRIPT, root, db, thread], { stdio: 'inherit' })
  const ended = once(child, 'exit')
  // The moment of the kill is what is random here; nothing waits for it to have had an effect.
  await Promise.race([sleep(milliseconds), ended])
  child.kill('SIGKILL')
  await ended
}
