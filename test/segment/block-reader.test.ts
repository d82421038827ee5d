import { closeSync, openSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { crc32 } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import {
  type BlockReaderOptions,
  type LineBlock,
  MAX_LINE_BYTES,
  readBlocks,
} from '#src/segment/block-reader.js'
import { type TextLine, textLines } from '../support/line-texts.js'
import { temporaryDirectory } from '../support/temporary-directory.js'

/** A file that can be given any content and read again and again. */
function openFile() {
  const path = join(temporaryDirectory(), 'events.jsonl')
  writeFileSync(path, '')
  const fd = openSync(path, 'r')
  onTestFinished(() => {
    closeSync(fd)
  })
  return { path, fd }
}

/** Reads a content from its beginning, or from a line within it. */
function blocksOf(
  file: { readonly path: string; readonly fd: number },
  content: Buffer,
  options: Partial<BlockReaderOptions> = {},
): LineBlock[] {
  writeFileSync(file.path, content)
  const from = options.from ?? 0
  const prefixCrc = crc32(content.subarray(0, from))
  return [...readBlocks(file.fd, { from, prefixCrc, until: content.length, ...options })]
}

function linesOf(text: string | Buffer, options: Partial<BlockReaderOptions> = {}): TextLine[] {
  return blocksOf(openFile(), Buffer.from(text), options).flatMap(textLines)
}

function textsOf(text: string | Buffer, options: Partial<BlockReaderOptions> = {}): string[] {
  return linesOf(text, options).map(({ content }) =>
    'text' in content ? content.text : `problem: ${content.problem}`,
  )
}

describe('readBlocks', () => {
  it('gives lines with their places', () => {
    expect(linesOf('one\ntwo\n')).toEqual([
      { offset: 0, length: 3, content: { text: 'one' } },
      { offset: 4, length: 3, content: { text: 'two' } },
    ])
  })

  it('gives nothing of an empty file, and nothing of a torn tail', () => {
    expect(textsOf('')).toEqual([])
    expect(textsOf('torn')).toEqual([])
    expect(textsOf('whole\ntorn')).toEqual(['whole'])
    expect(textsOf('whole\ntorn', { blockBytes: 2 })).toEqual(['whole'])
  })

  it('gives the tail once it is terminated, read on from where it began', () => {
    const file = openFile()
    const [first] = blocksOf(file, Buffer.from('whole\ntorn'))
    expect(first?.end).toBe(6)
    const rest = blocksOf(file, Buffer.from('whole\ntorn no more\n'), { from: 6 })
    expect(rest).toEqual([
      {
        bytes: Buffer.from('torn no more\n'),
        used: 13,
        lines: [{ offset: 6, length: 12, start: 0, end: 12 }],
        end: 19,
        prefixCrc: crc32('whole\ntorn no more\n'),
      },
    ])
  })

  it('gives a bounded number of lines at once, however short they are', () => {
    const content = Buffer.concat([Buffer.alloc(50_000, '\n'), Buffer.from('last\n')])
    const blocks = blocksOf(openFile(), content)
    expect(blocks.map(({ lines }) => lines.length)).toEqual([20_000, 20_000, 10_001])
    expect(blocks.map(({ end, prefixCrc }) => ({ end, prefixCrc }))).toEqual(
      [20_000, 40_000, 50_005].map((end) => ({ end, prefixCrc: crc32(content.subarray(0, end)) })),
    )
    expect(blocks.flatMap(textLines).at(-1)).toEqual({
      offset: 50_000,
      length: 4,
      content: { text: 'last' },
    })
  })

  it('gives empty lines as such', () => {
    expect(textsOf('\n\na\n\n')).toEqual(['', '', 'a', ''])
  })

  it('drops one carriage return before the newline, and no other', () => {
    expect(textsOf('a\r\nb\r\r\n\r\nc\rd\n')).toEqual(['a', 'b\r', '', 'c\rd'])
    expect(linesOf('a\r\n')).toEqual([{ offset: 0, length: 2, content: { text: 'a' } }])
  })

  it('drops a byte order mark at the start of the segment, and no other', () => {
    expect(textsOf('\ufeffa\n\ufeffb\n')).toEqual(['a', '\ufeffb'])
    expect(textsOf('\ufeff\ufeffa\r\n')).toEqual(['\ufeffa'])
    expect(textsOf('\ufeff\n')).toEqual([''])
    expect(textsOf('\ufeff\na\n', { from: 4 })).toEqual(['a'])
    expect(linesOf('\ufeffa\n')).toEqual([{ offset: 0, length: 4, content: { text: 'a' } }])
    expect(textsOf(Buffer.from([0xef, 0xbb, 0x0a]))).toEqual(['problem: not valid UTF-8'])
  })

  it('splits at newlines alone: other separators are data', () => {
    const text = 'a\u2028b\u2029c\u0085d\ve\ff\x1cg'
    expect(textsOf(`${text}\n`)).toEqual([text])
  })

  it('keeps NUL bytes', () => {
    expect(textsOf('\0\na\0b\n')).toEqual(['\0', 'a\0b'])
  })

  it.each([
    ['a stray byte', [0xff]],
    ['a stray continuation', [0x80]],
    ['a cut sequence', [0xe2, 0x82]],
    ['an overlong spelling', [0xc0, 0xaf]],
    ['half a surrogate pair', [0xed, 0xa0, 0xbd]],
    ['a code point beyond the last', [0xf4, 0x90, 0x80, 0x80]],
  ])('finds a problem in a line with %s, and none in its neighbours', (_, bytes) => {
    const content = Buffer.concat([
      Buffer.from('größe\n<'),
      Buffer.from(bytes),
      Buffer.from('>\nnach\n'),
    ])
    expect(textsOf(content)).toEqual(['größe', 'problem: not valid UTF-8', 'nach'])
  })

  it('stops at `until`, however far the file goes', () => {
    expect(textsOf('one\ntwo\nthree\n', { until: 8 })).toEqual(['one', 'two'])
    expect(textsOf('one\ntwo\nthree\n', { until: 7 })).toEqual(['one'])
    expect(textsOf('one\n', { until: 100 })).toEqual(['one'])
    expect(textsOf('one\n', { from: 4, until: 0 })).toEqual([])
  })

  it('gives a line as long as a line may be, and says of a longer one that it is', () => {
    const options = { maxLineBytes: 10 }
    const text = `${'x'.repeat(10)}\n${'y'.repeat(11)}\nz\n`
    for (const blockBytes of [1, 5, 11, 12, 13, 1000]) {
      expect(textsOf(text, { ...options, blockBytes })).toEqual([
        'x'.repeat(10),
        'problem: longer than 10 bytes',
        'z',
      ])
    }
    expect(MAX_LINE_BYTES).toBe(16 * 1024 * 1024)
  })

  it('never holds a line in memory that is too long', () => {
    const allocate = vi.fn((size: number) => Buffer.alloc(size))
    const long = 'x'.repeat(300_000)
    const [line] = linesOf(`${long}\n`, { blockBytes: 1024, maxLineBytes: 100_000, allocate })
    expect(line).toMatchObject({ offset: 0, length: 300_000 })
    expect(Math.max(...allocate.mock.calls.map(([size]) => size))).toBe(1024)
  })

  it('ends quietly where the file was cut short meanwhile', () => {
    const file = openFile()
    const content = Buffer.from('one\ntwo\nthree\n')
    writeFileSync(file.path, content)
    const options = { from: 0, prefixCrc: 0, until: content.length, blockBytes: 4 }
    const texts: TextLine['content'][] = []
    for (const block of readBlocks(file.fd, options)) {
      texts.push(...textLines(block).map((line) => line.content))
      truncateSync(file.path, 6)
    }
    expect(texts).toEqual([{ text: 'one' }])
  })

  it('throws what the file system says when a read fails', () => {
    const directory = openSync(temporaryDirectory(), 'r')
    onTestFinished(() => {
      closeSync(directory)
    })
    const read = () => [...readBlocks(directory, { from: 0, prefixCrc: 0, until: 10 })]
    expect(read).toThrow(expect.objectContaining({ code: 'EISDIR' }))
  })

  it('equals a naive split of the whole file, whatever the blocks and wherever it resumes', () => {
    const file = openFile()
    const piece = fc.oneof(
      fc.constantFrom('\n', '\n', '\r\n', '\r', '\ufeff', '\0', 'ü', '😀', '\u2028', 'plain'),
      fc.uint8Array({ maxLength: 3 }),
      fc.integer({ min: 1, max: 40 }).map((length) => 'x'.repeat(length)),
    )
    const contents = fc
      .array(piece, { maxLength: 25 })
      .map((pieces) => Buffer.concat(pieces.map((bytes) => Buffer.from(bytes))))
    fc.assert(
      fc.property(
        contents,
        fc.integer({ min: 1, max: 200 }),
        fc.integer({ min: 1, max: 60 }),
        fc.nat(30),
        fc.nat(250),
        (content, blockBytes, maxLineBytes, startLine, until) => {
          const starts = [0, ...newlines(content).map((at) => at + 1)]
          const from = starts[startLine % starts.length] ?? 0
          const blocks = blocksOf(file, content, { from, until, blockBytes, maxLineBytes })
          const expected = naiveLines(content, from, until, maxLineBytes)
          expect(blocks.flatMap(textLines)).toEqual(expected)
          for (const { lines, end, prefixCrc } of blocks) {
            const last = lines.at(-1)
            expect(end).toBe((last?.offset ?? NaN) + (last?.length ?? NaN) + 1)
            expect(prefixCrc).toBe(crc32(content.subarray(0, end)))
          }
        },
      ),
      { numRuns: 1500 },
    )
  })
})

function newlines(content: Buffer): number[] {
  return [...content.entries()].filter(([, byte]) => byte === 0x0a).map(([at]) => at)
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

function naiveLines(
  content: Buffer,
  from: number,
  until: number,
  maxLineBytes: number,
): TextLine[] {
  const ends = newlines(content).filter((at) => at >= from && at < until)
  return ends.map((end, index) => {
    const offset = index === 0 ? from : (ends[index - 1] ?? 0) + 1
    return { offset, length: end - offset, content: naiveContent() }

    function naiveContent(): TextLine['content'] {
      if (end - offset > maxLineBytes) return { problem: `longer than ${maxLineBytes} bytes` }
      try {
        const text = utf8.decode(content.subarray(offset, end)).replace(/\r$/, '')
        return { text: offset === 0 ? text.replace(/^\ufeff/, '') : text }
      } catch {
        return { problem: 'not valid UTF-8' }
      }
    }
  })
}
