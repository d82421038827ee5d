import {
  appendFileSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { DiscoveryProblem } from '#src/segment/discovery.js'
import { RunTail } from '#src/segment/run-tail.js'
import { sealedSegmentName } from '#src/segment/segment-name.js'
import { inTemporaryDirectory, temporaryDirectory } from '../support/temporary-directory.js'
import { runUnprivileged } from '../support/unprivileged.js'

const SEALED = 'events_2026-01-01_00-00-00.jsonl'

/** A run with these segments, and a tail that was there from the beginning. */
class TailedRun {
  readonly root: string
  readonly troubles: DiscoveryProblem[] = []
  readonly tail: RunTail

  constructor(segments: Readonly<Record<string, string>>, root = temporaryDirectory()) {
    this.root = root
    this.make(segments)
    this.tail = new RunTail(root, 'run', (trouble) => this.troubles.push(trouble))
  }

  path(name = 'events.jsonl'): string {
    return join(this.root, 'run', name)
  }

  make(segments: Readonly<Record<string, string>>): void {
    mkdirSync(join(this.root, 'run'), { recursive: true })
    for (const [name, text] of Object.entries(segments)) writeFileSync(this.path(name), text)
  }

  remove(): void {
    rmSync(join(this.root, 'run'), { recursive: true })
  }

  /** @param behindEach done behind each block, with what there was so far, before more is asked for */
  news(behindEach: (news: readonly string[]) => void = () => undefined): string[] {
    const news: string[] = []
    for (const { lines } of this.tail.readNew()) {
      news.push(...lines.map(({ text, problem }) => text ?? `problem: ${problem ?? ''}`))
      behindEach(news)
    }
    return news
  }

  told(): string[] {
    return this.troubles.splice(0).map(({ path, message }) => {
      return `${path.slice(this.root.length + 1)} ${message}`
    })
  }
}

function tailed(segments: Readonly<Record<string, string>>): TailedRun {
  const run = new TailedRun(segments)
  onTestFinished(() => {
    run.tail.close()
  })
  return run
}

/** Lines of which each says something else, of any length. */
function numbered(from: number, to: number): string[] {
  return Array.from({ length: to - from }, (_, at) => `${from + at}${'x'.repeat((at * 7) % 500)}`)
}

function ended(line: string): string {
  return `${line}\n`
}

describe('RunTail', () => {
  it('gives what is appended, and a torn tail once it is whole', () => {
    const run = tailed({ 'events.jsonl': 'a\nto' })
    expect(run.news()).toEqual([])
    appendFileSync(run.path(), 'r')
    expect(run.news()).toEqual([])
    appendFileSync(run.path(), 'n\nb\nc')
    expect(run.news()).toEqual(['torn', 'b'])
    expect(run.news()).toEqual([])
    expect(run.told()).toEqual([])
  })

  it('says where a line stands, and why it is none', () => {
    const run = tailed({ 'events.jsonl': 'a\n' })
    appendFileSync(run.path(), Buffer.from([0xff, 0x0a]))
    expect([...run.tail.readNew()].flatMap(({ lines }) => lines)).toEqual([
      { segment: 'events.jsonl', offset: 2, text: undefined, problem: 'not valid UTF-8' },
    ])
  })

  it('reads a sealed segment on under its new name, before what came behind it', () => {
    const run = tailed({ 'events.jsonl': 'a\n' })
    appendFileSync(run.path(), 'b\n')
    renameSync(run.path(), run.path(SEALED))
    writeFileSync(run.path('events_2026-01-01_00-00-00_0001.jsonl'), 'c\n')
    writeFileSync(run.path(), 'd\n')
    expect(run.news()).toEqual(['b', 'c', 'd'])
    expect(run.told()).toEqual([])
  })

  it('reads a deleted segment to its end', () => {
    const run = tailed({ 'events.jsonl': 'a\n' })
    appendFileSync(run.path(), 'b\n')
    run.remove()
    expect(run.news()).toEqual(['b'])
    expect(run.told()).toEqual(['run is gone; waiting for it'])
    expect(run.news()).toEqual([])
    run.make({ 'events.jsonl': 'c\n' })
    expect(run.news()).toEqual(['c'])
    expect(run.told()).toEqual([])
  })

  it('reads a run anew that was made anew between two looks, whatever inodes it got', () => {
    const run = tailed({ [SEALED]: 'a1\n', 'events.jsonl': 'b1\n' })
    run.remove()
    run.make({ 'events.jsonl': 'a2\n', 'events_1.jsonl': 'b2, and longer\nc2\n' })
    expect(run.news()).toEqual(['b2, and longer', 'c2', 'a2'])
    expect(run.told()).toEqual(['run/events.jsonl was written anew; it is read from its start'])
  })

  it.each([
    ['shorter', 'x\n'],
    ['as long', 'xxx\n'],
    ['longer', 'xxxxx\ny\n'],
  ])('reads a segment from its start that is written anew, %s', (_what, text) => {
    const run = tailed({ 'events.jsonl': 'aaa\n' })
    appendFileSync(run.path(), 'bbb\n')
    expect(run.news()).toEqual(['bbb'])
    truncateSync(run.path())
    appendFileSync(run.path(), text)
    expect(run.news()).toEqual(text.trimEnd().split('\n'))
    expect(run.told()).toEqual(['run/events.jsonl was written anew; it is read from its start'])
  })

  it('tells a segment of the same size from the one that was read', () => {
    const run = tailed({ 'events.jsonl': 'aaa\n' })
    const { mtimeMs } = statSync(run.path())
    do writeFileSync(run.path(), 'bbb\n')
    while (statSync(run.path()).mtimeMs === mtimeMs)
    expect(run.news()).toEqual(['bbb'])
  })

  it('reads a segment from its start that is written anew while what was read is made use of', () => {
    const run = tailed({ 'events.jsonl': 'a\n' })
    appendFileSync(run.path(), 'b\nc\n')
    const writeAnew = (): void => {
      writeFileSync(run.path(), 'v\nw\nx\ny\nz\n')
    }
    expect(run.news(writeAnew)).toEqual(['b', 'c'])
    expect(run.news()).toEqual(['v', 'w', 'x', 'y', 'z'])
    expect(run.told()).toEqual(['run/events.jsonl was written anew; it is read from its start'])
  })

  it.each([
    ['in lines of any length', (at: number) => `${at}${'x'.repeat(at % 500)}`],
    ['in lines of one length', (at: number) => `${at + 10_000}${'x'.repeat(300)}`],
  ])('takes nothing that is written over a segment for the rest of it, %s', (_what, line) => {
    const lines = (from: number, to: number): string[] =>
      Array.from({ length: to - from }, (_, at) => line(from + at))
    const run = tailed({ 'events.jsonl': '' })
    writeFileSync(run.path(), lines(0, 3_000).join('\n') + '\n')
    let blocks = 0
    const read = run.news(() => {
      if (++blocks === 2) writeFileSync(run.path(), lines(3_000, 7_000).join('\n') + '\n')
    })
    expect(blocks).toBe(2)
    expect(read).toEqual(lines(0, read.length))
    expect(run.tail.isBehind).toBe(true)
    expect(run.news()).toEqual(lines(3_000, 7_000))
    expect(run.told()).toEqual(['run/events.jsonl was written anew; it is read from its start'])
  })

  it('reads the rest of a segment from the copy that was made before it was truncated', () => {
    const lines = numbered(0, 3_000)
    const run = tailed({ 'events.jsonl': '' })
    writeFileSync(run.path(), lines.map(ended).join(''))
    let blocks = 0
    const read = run.news(() => {
      if (++blocks > 1) return
      copyFileSync(run.path(), run.path(SEALED))
      writeFileSync(run.path(), 'new\n')
    })
    expect([...read, ...run.news()]).toEqual([...lines, 'new'])
  })

  it('reads a segment from its start that is written anew after it was gone back in it', () => {
    const run = tailed({ 'events.jsonl': 'a\nb\nc\n' })
    const [block] = run.tail.readBack()
    if (block === undefined) throw new Error('no line')
    run.tail.goBackTo(block.file, 2)
    writeFileSync(run.path(), 'v\nw\nx\ny\nz\n')
    expect(run.news()).toEqual(['v', 'w', 'x', 'y', 'z'])
    expect(run.told()).toEqual(['run/events.jsonl was written anew; it is read from its start'])
  })

  it('goes back in a segment that stands beside a copy of it', () => {
    const run = tailed({ [SEALED]: 'a\nb\n', 'events.jsonl': 'a\nb\n' })
    const [block] = run.tail.readBack()
    if (block === undefined) throw new Error('no line')
    run.tail.goBackTo(block.file, 2)
    expect(run.news()).toEqual(['b'])
  })

  it('reads copies on where the original was read to', () => {
    const run = tailed({ 'events.jsonl': 'a\n' })
    // As rsync and editors do.
    writeFileSync(run.path('copy'), 'a\nb\n')
    renameSync(run.path('copy'), run.path())
    expect(run.news()).toEqual(['b'])
    // As those do who rotate a file that stays open.
    appendFileSync(run.path(), 'c\n')
    copyFileSync(run.path(), run.path(SEALED))
    expect(run.news()).toEqual(['c'])
    truncateSync(run.path())
    appendFileSync(run.path(), 'd\n')
    expect(run.news()).toEqual(['d'])
    // As a backup that is put back.
    const text = readFileSync(run.path(), 'utf8')
    run.remove()
    expect(run.news()).toEqual([])
    run.make({ [SEALED]: 'a\nb\nc\n', 'events.jsonl': `${text}e\n` })
    expect(run.news()).toEqual(['e'])
  })

  it('takes nothing of a copy that is still being made for new', () => {
    const text = 'a\nb\nc\nd\n'
    const run = tailed({ 'events.jsonl': text })
    writeFileSync(run.path(SEALED), text.slice(0, 5))
    expect(run.news()).toEqual([])
    appendFileSync(run.path(SEALED), text.slice(5, 7))
    expect(run.news()).toEqual([])
    appendFileSync(run.path(SEALED), `${text.slice(7)}e\n`)
    expect(run.news()).toEqual(['e'])
  })

  it.each([
    ['is made in place', false],
    ['is made where it was deleted', true],
  ])('takes nothing of a copy for new that %s', (_what, isDeleted) => {
    const text = numbered(0, 40).map(ended).join('')
    const run = tailed({ 'events.jsonl': text })
    if (isDeleted) rmSync(run.path())
    else truncateSync(run.path())
    expect(run.news()).toEqual([])
    // Nothing, within the first line, within any other, at the end of one, at the end.
    for (const end of [0, 10, text.indexOf('\n'), 1_500, text.lastIndexOf('\n', 3_000) + 1]) {
      writeFileSync(run.path(), text.slice(0, end))
      expect(run.news()).toEqual([])
    }
    writeFileSync(run.path(), text)
    expect(run.news()).toEqual([])
    appendFileSync(run.path(), 'new\n')
    expect(run.news()).toEqual(['new'])
    expect(run.told().filter((what) => !what.endsWith('waiting for it'))).toEqual([])
  })

  it('takes nothing of a copy for new that comes while what was read is made use of', () => {
    const text = numbered(0, 3_000).map(ended).join('')
    const run = tailed({ 'events.jsonl': '' })
    writeFileSync(run.path(), text)
    let blocks = 0
    const read = run.news(() => {
      if (++blocks === 2) writeFileSync(run.path(), text.slice(0, 100_000))
    })
    expect(blocks).toBe(2)
    read.push(...run.news())
    writeFileSync(run.path(), text)
    read.push(...run.news())
    expect(read).toEqual(numbered(0, 3_000))
    expect(run.told()).toEqual([])
  })

  it('waits for a copy as long as it gets on', () => {
    const line = ended('x'.repeat(149_999))
    const lines = 100
    const run = tailed({ 'events.jsonl': line.repeat(lines) })
    truncateSync(run.path())
    for (let copied = 0; copied < lines; copied++) {
      appendFileSync(run.path(), line)
      expect(run.news()).toEqual([])
    }
    appendFileSync(run.path(), 'new\n')
    expect(run.news()).toEqual(['new'])
    expect(run.told()).toEqual([])
  })

  it('reads from its start at last what is no copy though it begins like one', () => {
    const old = numbered(0, 40)
    const run = tailed({ 'events.jsonl': old.map(ended).join('') })
    const edited = [...old.slice(0, 20), 'else']
    writeFileSync(run.path(), edited.map(ended).join(''))
    expect(run.news()).toEqual([])
    const looks = Array.from({ length: 60 }, () => run.news())
    expect(looks.flat()).toEqual(edited)
    expect(run.told()).toEqual(['run/events.jsonl was written anew; it is read from its start'])
  })

  it('says that a segment was written anew with its first line', () => {
    const run = tailed({ 'events.jsonl': 'a\nb\n' })
    truncateSync(run.path())
    expect(run.news()).toEqual([])
    expect(run.told()).toEqual([])
    appendFileSync(run.path(), 'c\n')
    expect(run.news()).toEqual(['c'])
    appendFileSync(run.path(), 'd\n')
    expect(run.news()).toEqual(['d'])
    expect(run.told()).toEqual(['run/events.jsonl was written anew; it is read from its start'])
  })

  it('takes what only begins like a copy for what it is', () => {
    const head = `${'x'.repeat(300)}\n`
    const run = tailed({ 'events.jsonl': `${head}a\nb\nc\n` })
    writeFileSync(run.path(SEALED), `${head}z\n`)
    expect(run.news()).toEqual([head.trimEnd(), 'z'])
  })

  it('gives lines of any length that are read back, and all from one of them on as new', () => {
    const long = 'x'.repeat(700_000)
    const run = tailed({ [SEALED]: `a\n${long}\n`, 'events.jsonl': 'b\nc\ntorn' })
    const blocks = [...run.tail.readBack()]
    expect(blocks.map(({ lines }) => lines.map(({ text }) => text))).toEqual([
      ['b', 'c'],
      ...(blocks.length === 3 ? [[long], ['a']] : [['a', long]]),
    ])
    const [, block] = blocks
    const line = block?.lines.at(-1)
    if (block === undefined || line === undefined) throw new Error('no line')
    run.tail.goBackTo(block.file, line.offset)
    expect(run.news()).toEqual([long, 'b', 'c'])
    expect(run.news()).toEqual([])
  })

  it('goes back also behind a rotation, and has what came meanwhile', () => {
    const run = tailed({ 'events.jsonl': 'a\nb\n' })
    const [block] = run.tail.readBack()
    const line = block?.lines[1]
    if (block === undefined || line === undefined) throw new Error('no line')
    run.tail.goBackTo(block.file, line.offset)
    appendFileSync(run.path(), 'c\n')
    renameSync(run.path(), run.path(SEALED))
    writeFileSync(run.path(), 'd\n')
    expect(run.news()).toEqual(['b', 'c', 'd'])
  })

  it('sees every change though the directory has not changed for long', () => {
    const run = tailed({ [SEALED]: 'a\n', 'events.jsonl': 'b\n' })
    const settle = (): void => {
      utimesSync(join(run.root, 'run'), 1, 1)
    }
    settle()
    expect(run.news()).toEqual([])
    appendFileSync(run.path(), 'c\n')
    expect(run.news()).toEqual(['c'])
    appendFileSync(run.path(), 'd\n')
    expect(run.news()).toEqual(['d'])
    appendFileSync(run.path(SEALED), 'late\n')
    const looks = Array.from({ length: 10 }, () => run.news())
    expect(looks.flat()).toEqual(['late'])
    truncateSync(run.path())
    appendFileSync(run.path(), 'e\n')
    expect(run.news()).toEqual(['e'])
    renameSync(run.path(), run.path('events_2026-01-01_00-00-01.jsonl'))
    writeFileSync(run.path(), 'f\n')
    expect(run.news()).toEqual(['f'])
  })

  it('tells once of what cannot be read, and reads it when it can', () => {
    const root = temporaryDirectory()
    const printed = runUnprivileged(
      {
        fs: 'node:fs',
        tails: new URL('../../dist/src/segment/run-tail.js', import.meta.url).href,
      },
      `
      const path = argument + '/run/events.jsonl'
      fs.mkdirSync(argument + '/run')
      const tail = new tails.RunTail(argument, 'run', ({ message }) => console.log(message))
      const news = () => [...tail.readNew()].flatMap(({ lines }) => lines.map(({ text }) => text))
      // Not each look is one at the directory.
      const lookLong = () => Array.from({ length: 12 }, news)
      fs.writeFileSync(path, 'a\\n', { mode: 0 })
      lookLong()
      fs.chmodSync(path, 0o600)
      console.log(...news())
      fs.chmodSync(argument + '/run', 0)
      lookLong()
      fs.chmodSync(argument + '/run', 0o700)
      fs.appendFileSync(path, 'b\\n')
      console.log(...news())`,
      root,
    )
    expect(printed.trimEnd().split('\n')).toEqual([
      'cannot be read (EACCES)',
      'a',
      'cannot be read (EACCES)',
      'b',
    ])
  })

  it('gives every line once and in order, whatever is done between two looks', async () => {
    const step = fc.oneof(
      { weight: 6, arbitrary: fc.record({ append: fc.integer({ min: 0, max: 9 }) }) },
      { weight: 3, arbitrary: fc.constant('look' as const) },
      { weight: 2, arbitrary: fc.constant('rotate' as const) },
      fc.constantFrom('delete the oldest', 'copy', 'copy and truncate', 'remake'),
      { weight: 2, arbitrary: fc.record({ copyInPlace: fc.integer({ min: 0, max: 9 }) }) },
      { weight: 2, arbitrary: fc.record({ rewrite: fc.integer({ min: 0, max: 9 }) }) },
      { weight: 2, arbitrary: fc.constant('settle' as const) },
    )
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
        await inTemporaryDirectory((directory) => {
          const run = new TailedRun({ 'events.jsonl': '' }, mkdtempSync(join(directory, 'root-')))
          const written: string[] = []
          const seen: string[] = []
          let sealed: string[] = []
          let rotations = 0
          let settled = 0
          const look = (): void => {
            seen.push(...run.news())
          }
          for (const one of steps) {
            if (one === 'look') look()
            else if (one === 'rotate') {
              const name = sealedSegmentName(new Date(Date.UTC(2026, 0, 1)), ++rotations)
              renameSync(run.path(), run.path(name))
              writeFileSync(run.path(), '')
              sealed.push(name)
            } else if (one === 'copy') {
              copyFileSync(run.path(), run.path('copy'))
              renameSync(run.path('copy'), run.path())
            } else if (one === 'copy and truncate') {
              const name = sealedSegmentName(new Date(Date.UTC(2026, 0, 1)), ++rotations)
              const bytes = readFileSync(run.path())
              writeFileSync(run.path(name), bytes.subarray(0, bytes.length / 2))
              look()
              appendFileSync(run.path(name), bytes.subarray(bytes.length / 2))
              look()
              truncateSync(run.path())
              sealed.push(name)
            } else if (one === 'delete the oldest') {
              // What is deleted before it is looked at cannot be seen, but for the last.
              look()
              const [oldest, ...others] = sealed
              if (oldest !== undefined) rmSync(run.path(oldest))
              sealed = others
            } else if (one === 'remake') {
              look()
              run.remove()
              run.make({ 'events.jsonl': '' })
              sealed = []
            } else if (one === 'settle') {
              // As if no segment came or went for long.
              const time = new Date(Date.UTC(2026, 0, 1) + ++settled)
              utimesSync(join(run.root, 'run'), time, time)
              look()
            } else if ('copyInPlace' in one) {
              look()
              const bytes = readFileSync(run.path())
              const cut = (bytes.length * one.copyInPlace) / 10
              truncateSync(run.path())
              if (one.copyInPlace % 2 === 0) look()
              appendFileSync(run.path(), bytes.subarray(0, cut))
              if (one.copyInPlace % 3 === 0) look()
              appendFileSync(run.path(), bytes.subarray(cut))
            } else if ('rewrite' in one) {
              // Seen before, and over it something of any length: mostly while a block is made use of.
              const lines = Array.from({ length: one.rewrite % 5 }, (_, at) => {
                return `${written.length + 1 + at}:${'y'.repeat(one.rewrite * 9)}`
              })
              const last = `${written.length}:`
              appendFileSync(run.path(), `${last}\n`)
              const writeAnew = (): void => {
                writeFileSync(run.path(), lines.map((line) => `${line}\n`).join(''))
              }
              const whileRead = run.news((news) => {
                if (one.rewrite % 2 === 1 && news.at(-1) === last) writeAnew()
              })
              seen.push(...whileRead)
              if (one.rewrite % 2 === 0) writeAnew()
              written.push(last, ...lines)
            } else {
              // In pieces: lines end anywhere.
              const line = `${written.length}:${'x'.repeat(one.append * 7)}`
              const text = `${line}\n`
              const cut = Math.min(one.append, text.length)
              appendFileSync(run.path(), text.slice(0, cut))
              if (one.append % 3 === 0) look()
              appendFileSync(run.path(), text.slice(cut))
              written.push(line)
            }
          }
          look()
          run.tail.close()
          expect(seen).toEqual(written)
          return Promise.resolve()
        })
      }),
      { numRuns: 300 },
    )
  })

  it('gives all of what is edited in place, and nothing else, at last', async () => {
    const step = fc.record({
      kept: fc.option(fc.integer({ min: 0, max: 12 })),
      length: fc.integer({ min: 0, max: 600 }),
      looks: fc.boolean(),
    })
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 20 }), async (steps) => {
        await inTemporaryDirectory((directory) => {
          const run = new TailedRun({ 'events.jsonl': '' }, mkdtempSync(join(directory, 'root-')))
          let lines: string[] = []
          const expected: string[] = []
          const seen: string[] = []
          const lookForAll = (): void => {
            for (let looks = 0; looks < 60 && seen.length < expected.length; looks++) {
              seen.push(...run.news())
            }
            seen.push(...run.news())
          }
          for (const [at, { kept, length, looks }] of steps.entries()) {
            const line = `${at}:${'x'.repeat(length)}`
            if (kept === null || kept >= lines.length) {
              appendFileSync(run.path(), ended(line))
              lines.push(line)
              expected.push(line)
              if (looks) lookForAll()
            } else {
              lookForAll()
              lines = [...lines.slice(0, kept), line]
              writeFileSync(run.path(), lines.map(ended).join(''))
              expected.push(...lines)
              lookForAll()
            }
          }
          lookForAll()
          run.tail.close()
          expect(seen).toEqual(expected)
          return Promise.resolve()
        })
      }),
      { numRuns: 100 },
    )
  })
})
