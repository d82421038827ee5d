import { appendFileSync, closeSync, openSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { crc32 } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, it, onTestFinished } from 'vitest'
import { readBlocks } from '#src/segment/block-reader.js'
import { prefixCrc, tailCrc } from '#src/segment/fingerprint.js'
import { temporaryDirectory } from '../support/temporary-directory.js'

function openWith(content: string | Buffer): { path: string; fd: number } {
  const path = join(temporaryDirectory(), 'events.jsonl')
  writeFileSync(path, content)
  const fd = openSync(path, 'r')
  onTestFinished(() => {
    closeSync(fd)
  })
  return { path, fd }
}

describe('prefixCrc', () => {
  it('is the CRC-32 of the first bytes, however many there are', () => {
    const content = Buffer.alloc(2_500_000, 'turnlog ')
    const { fd } = openWith(content)
    for (const length of [0, 1, 4096, 1_048_576, 1_048_577, 2_500_000]) {
      expect(prefixCrc(fd, length)).toBe(crc32(content.subarray(0, length)))
    }
  })

  it('is what the block reader counts up to', () => {
    const text = 'one\ntwo\nthree\n'
    const { fd } = openWith(text)
    const blocks = readBlocks(fd, { from: 0, prefixCrc: 0, until: text.length, blockBytes: 5 })
    const ends = [...blocks]
    expect(ends.length).toBeGreaterThan(1)
    for (const block of ends) expect(block.prefixCrc).toBe(prefixCrc(fd, block.end))
  })

  it('stays while a file grows, and there is none when it shrinks below', () => {
    const { path, fd } = openWith('one\ntwo\n')
    const before = prefixCrc(fd, 8)
    appendFileSync(path, 'three\n')
    expect(prefixCrc(fd, 8)).toBe(before)
    truncateSync(path, 7)
    expect(prefixCrc(fd, 8)).toBeUndefined()
    expect(prefixCrc(fd, 7)).toBe(crc32('one\ntwo'))
  })

  it('changes with any byte before the end', () => {
    const file = openWith('')
    const content = Buffer.from('one\ntwo\nthree\n')
    fc.assert(
      fc.property(fc.nat(content.length - 1), fc.integer({ min: 1, max: 255 }), (at, flip) => {
        const changed = Buffer.from(content)
        changed[at] = (changed[at] ?? 0) ^ flip
        writeFileSync(file.path, changed)
        expect(prefixCrc(file.fd, content.length)).not.toBe(crc32(content))
      }),
    )
  })
})

describe('tailCrc', () => {
  it('is that of the last 4096 bytes before the checkpoint, or of all where there are fewer', () => {
    const content = Buffer.from(Array.from({ length: 10_000 }, (_, at) => at % 251))
    const { fd } = openWith(content)
    for (const checkpoint of [0, 1, 4095, 4096, 4097, 9_999]) {
      const start = Math.max(0, checkpoint - 4096)
      expect(tailCrc(fd, checkpoint)).toBe(crc32(content.subarray(start, checkpoint)))
    }
  })

  it('does not exist where the file ends before the checkpoint', () => {
    const { fd } = openWith('one\n')
    expect(tailCrc(fd, 5)).toBeUndefined()
  })
})
