import { describe, expect, it } from 'vitest'
import { type KnownSegment, planSegments, UNSETTLED } from '#indexer/segment-plan.js'
import type { FoundSegment } from '#src/segment/discovery.js'

/** A file whose content is told by a word, so that holding is starting with it. */
interface TestFile extends FoundSegment {
  readonly content: string
}

interface TestSegment extends KnownSegment {
  readonly content: string
}

function file(name: string, content: string, inode: number, modifiedMs = 1): TestFile {
  return { name, path: `/${name}`, content, size: content.length, device: 1, inode, modifiedMs }
}

/** A segment as it was indexed to the end of `content`. */
function known(
  name: string,
  content: string,
  inode: number,
  changes: Partial<TestSegment> = {},
): TestSegment {
  return {
    id: inode,
    name,
    content,
    size: content.length,
    device: 1,
    inode,
    modifiedMs: 1,
    checkpoint: content.length,
    prefixCrc: 0,
    tailCrc: 0,
    ...changes,
  }
}

function plan(segments: TestSegment[], files: TestFile[]): Record<string, unknown> {
  const compared: string[] = []
  const { work, gone } = planSegments(segments, files, (found, segment) => {
    compared.push(`${found.name} ~ ${segment.name}`)
    const content = files.find((candidate) => candidate === found)?.content ?? ''
    const before = segments.find((candidate) => candidate === segment)?.content ?? ''
    return content.startsWith(before)
  })
  return {
    work: work.map((item) => `${item.found.name} <- ${item.known?.name ?? 'start'}`),
    gone: gone.map(({ name }) => name),
    compared,
  }
}

describe('planSegments', () => {
  it('leaves alone what did not change, without reading it', () => {
    expect(plan([known('events.jsonl', 'abc', 1)], [file('events.jsonl', 'abc', 1)])).toEqual({
      work: [],
      gone: [],
      compared: [],
    })
  })

  it('goes on with what grew', () => {
    const { work, gone } = plan(
      [known('events.jsonl', 'abc', 1)],
      [file('events.jsonl', 'abcdef', 1, 2)],
    )
    expect({ work, gone }).toEqual({ work: ['events.jsonl <- events.jsonl'], gone: [] })
  })

  it('goes on with what was being read when its reader died', () => {
    const segment = known('events.jsonl', 'abc', 1, { size: 6, modifiedMs: UNSETTLED })
    expect(plan([segment], [file('events.jsonl', 'abcdef', 1)])).toMatchObject({
      work: ['events.jsonl <- events.jsonl'],
      gone: [],
    })
  })

  it('knows a sealed segment under its new name, and the new active one as new', () => {
    const files = [file('events_1.jsonl', 'abcd', 1, 2), file('events.jsonl', 'xyz', 2, 3)]
    expect(plan([known('events.jsonl', 'abc', 1)], files)).toMatchObject({
      work: ['events_1.jsonl <- events.jsonl', 'events.jsonl <- start'],
      gone: [],
    })
  })

  it('knows a sealed segment that did not grow, without reading it', () => {
    const files = [file('events_1.jsonl', 'abc', 1), file('events.jsonl', 'xyz', 2, 3)]
    expect(plan([known('events.jsonl', 'abc', 1)], files)).toEqual({
      work: ['events_1.jsonl <- events.jsonl', 'events.jsonl <- start'],
      gone: [],
      compared: [],
    })
  })

  it('knows copies, which have new inodes and times', () => {
    const segments = [known('events_1.jsonl', 'abc', 1), known('events.jsonl', 'xyz', 2)]
    const files = [file('events_1.jsonl', 'abc', 11, 5), file('events.jsonl', 'xyz', 12, 5)]
    expect(plan(segments, files)).toMatchObject({
      work: ['events_1.jsonl <- events_1.jsonl', 'events.jsonl <- events.jsonl'],
      gone: [],
    })
  })

  it('knows copies under other names', () => {
    const files = [file('events_2.jsonl', 'abc', 11, 5), file('events_3.jsonl', 'xyz', 12, 5)]
    expect(
      plan([known('events_1.jsonl', 'abc', 1), known('events.jsonl', 'xyz', 2)], files),
    ).toMatchObject({
      work: ['events_2.jsonl <- events_1.jsonl', 'events_3.jsonl <- events.jsonl'],
      gone: [],
    })
  })

  it('tells segments that swapped their names', () => {
    const segments = [known('events_1.jsonl', 'abc', 1), known('events_2.jsonl', 'xyz', 2)]
    const files = [file('events_1.jsonl', 'xyz', 2), file('events_2.jsonl', 'abc', 1)]
    expect(plan(segments, files)).toMatchObject({
      work: ['events_1.jsonl <- events_2.jsonl', 'events_2.jsonl <- events_1.jsonl'],
      gone: [],
    })
  })

  it.each([
    ['was cut short', file('events.jsonl', 'ab', 1, 2)],
    ['was changed in place', file('events.jsonl', 'aXc', 1, 2)],
    ['was replaced', file('events.jsonl', 'other', 9, 2)],
    ['was deleted and its inode given to another', file('events_9.jsonl', 'other', 1, 2)],
  ])('reads anew what %s', (_what, found) => {
    expect(plan([known('events.jsonl', 'abc', 1)], [found])).toMatchObject({
      work: [`${found.name} <- start`],
      gone: ['events.jsonl'],
    })
  })

  it('forgets what was deleted', () => {
    const segments = [known('events_1.jsonl', 'abc', 1), known('events.jsonl', 'xyz', 2)]
    expect(plan(segments, [file('events.jsonl', 'xyz', 2)])).toMatchObject({
      work: [],
      gone: ['events_1.jsonl'],
    })
  })

  it('does not take a segment of which nothing was read for any file', () => {
    const empty = known('events.jsonl', '', 1)
    expect(plan([empty], [file('events_1.jsonl', 'abc', 5)])).toMatchObject({
      work: ['events_1.jsonl <- start'],
      gone: ['events.jsonl'],
    })
  })
})
