import * as fs from 'node:fs'
import { join } from 'node:path'
import { afterEach, expect, it, onTestFinished, vi } from 'vitest'
import { temporaryDirectory } from '../support/temporary-directory.js'

/** What happens before each read of a file. */
const beforeRead = vi.hoisted(() => vi.fn())

vi.mock('node:fs', async (importOriginal) => {
  const original = await importOriginal<typeof fs>()
  const readSync = (...read: [number, Buffer, number, number, number]): number => {
    beforeRead()
    return original.readSync(...read)
  }
  return { ...original, readSync }
})

afterEach(() => {
  beforeRead.mockReset()
})

it.each([0, 15, 30])('gives no line cut to %d bytes while it is read', async (remaining) => {
  // Loaded afresh: what was loaded before the replacement above reads with the real function.
  vi.resetModules()
  const { readBlocks } = await import('#src/segment/block-reader.js')
  const path = join(temporaryDirectory(), 'events.jsonl')
  const line = `${'x'.repeat(40)}\n`
  fs.writeFileSync(path, line)
  const fd = fs.openSync(path, 'r')
  onTestFinished(() => {
    fs.closeSync(fd)
  })
  // One read looks for a block, three for the end of the line; the fifth reads the line.
  const reads = { count: 0 }
  beforeRead.mockImplementation(() => {
    if (++reads.count === 5) fs.truncateSync(path, remaining)
  })
  const blocks = readBlocks(fd, { from: 0, prefixCrc: 0, until: line.length, blockBytes: 16 })
  expect([...blocks]).toEqual([])
  expect(reads.count).toBeGreaterThanOrEqual(5)
})
