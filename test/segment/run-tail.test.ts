import {
  appendFileSync,
  renameSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { SEALED, tailed } from '../support/tailed-run.js'
import { temporaryDirectory } from '../support/temporary-directory.js'
import { runUnprivileged } from '../support/unprivileged.js'

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

  it('tells a segment of the same size from the one that was read', () => {
    const run = tailed({ 'events.jsonl': 'aaa\n' })
    const { mtimeMs } = statSync(run.path())
    do writeFileSync(run.path(), 'bbb\n')
    while (statSync(run.path()).mtimeMs === mtimeMs)
    expect(run.news()).toEqual(['bbb'])
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
})
