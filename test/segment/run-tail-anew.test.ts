import {
  appendFileSync,
  copyFileSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { describe, expect, it } from 'vitest'
import { ended, numbered, SEALED, tailed } from '../support/tailed-run.js'

describe('RunTail, of files that are written anew or copied', () => {
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
})
