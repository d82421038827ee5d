import { closeSync, openSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { BlockSource } from '#indexer/block-source.js'
import { DecoderThread } from '#indexer/decoder-thread-host.js'
import type { PreparedBlock } from '#indexer/prepare-block.js'
import { type BlockRequest, prepareBlocks } from '#indexer/prepare-blocks.js'
import { reindexRoot } from '#indexer/reindex.js'
import { RootIndexer } from '#indexer/root-indexer.js'
import { eventLine, segmentText } from '../support/event-lines.js'
import { dumpSidecar } from '../support/sidecar-dump.js'
import { temporaryDirectory } from '../support/temporary-directory.js'
import { TestRoot } from '../support/test-root.js'

const LINES = Array.from({ length: 200 }, (_, index) =>
  index % 7 === 0
    ? 'no event'
    : eventLine(`id-${index % 150}`, {
        turn: index,
        second: index % 60,
        agent: index % 2 === 0 ? 'Großbank' : '😀',
        causes: [`id-${(index * 31) % 150}`, 'never'],
      }),
)

/** A segment that is open while the test runs. */
function openSegment(lines: readonly string[]): BlockRequest {
  const path = join(temporaryDirectory(), 'events.jsonl')
  writeFileSync(path, segmentText(...lines))
  const fd = openSync(path, 'r')
  onTestFinished(() => {
    closeSync(fd)
  })
  const until = statSync(path).size
  return { fd, simulation: 'run', from: 0, prefixCrc: 0, until, blockBytes: 1000 }
}

/** Copies, since the bytes of a block are used again for a later one. */
async function collect(blocks: AsyncIterable<PreparedBlock>): Promise<PreparedBlock[]> {
  const collected = []
  for await (const block of blocks) collected.push(structuredClone(block))
  return collected
}

function startThread(): DecoderThread {
  const thread = new DecoderThread()
  onTestFinished(() => thread.close())
  return thread
}

describe('the thread that decodes', () => {
  it('gives what is given without it', async () => {
    const request = openSegment(LINES)
    const blocks = await collect(startThread().blocks(request))
    expect(blocks).toEqual([...prepareBlocks(request)])
    expect(blocks.length).toBeGreaterThan(10)
  })

  it('can be left after any block and asked for something else', async () => {
    const request = openSegment(LINES)
    const expected = [...prepareBlocks(request)]
    const thread = startThread()
    for (const stopAfter of [1, 2, 3, expected.length - 1, expected.length, Infinity]) {
      const given = []
      for await (const block of thread.blocks(request)) {
        if (given.push(structuredClone(block)) === stopAfter) break
      }
      expect(given).toEqual(expected.slice(0, stopAfter))
    }
  })

  it('says what the system said of a file that cannot be read', async () => {
    const request = { ...openSegment(LINES), fd: openSync(temporaryDirectory(), 'r') }
    onTestFinished(() => {
      closeSync(request.fd)
    })
    const thread = startThread()
    await expect(collect(thread.blocks(request))).rejects.toMatchObject({ code: 'EISDIR' })
    expect(await collect(thread.blocks(openSegment(LINES)))).not.toEqual([])
  })

  it('says so when it is gone', async () => {
    const post = vi.spyOn(Worker.prototype, 'postMessage')
    onTestFinished(() => {
      post.mockRestore()
    })
    const request = openSegment(LINES)
    const blocks = startThread().blocks(request)
    await blocks.next()
    const worker: unknown = post.mock.contexts.at(-1)
    if (worker instanceof Worker) await worker.terminate()
    await expect(collect(blocks)).rejects.toThrow(
      'the thread that decodes segments ended too early',
    )
  })

  it('is not started for little, however often little is asked for', async () => {
    const request = openSegment(LINES)
    const source = new BlockSource(3 * request.until)
    for (let pass = 0; pass < 5; pass++) {
      expect(Symbol.iterator in source.blocks(request)).toBe(true)
      expect(Symbol.iterator in source.blocks(request)).toBe(true)
      await source.close()
    }
  })
})

describe('a pass with the thread', () => {
  it('ends as one without it does, stopped at any block', async () => {
    const test = new TestRoot()
    test.write('events_1.jsonl', ...LINES.slice(0, 120))
    test.write('events.jsonl', ...LINES.slice(120))
    let looks = 0
    const indexer = new RootIndexer({
      root: test.root,
      db: test.db,
      blockBytes: 700,
      threadFromBytes: 0,
      shouldStop: () => ++looks % 3 === 0 && looks < 60,
    })
    onTestFinished(() => {
      indexer.close()
    })
    for (let pass = 0; pass < 30; pass++) await indexer.pass()
    const rebuilt = `${test.db}.rebuilt`
    await reindexRoot({ root: test.root, db: rebuilt })
    expect(dumpSidecar(test.db)).toEqual(dumpSidecar(rebuilt))
    expect(dumpSidecar(test.db).events).toHaveLength(136)
  })
})
