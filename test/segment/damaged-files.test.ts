import { closeSync, openSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { decodeLine } from '#src/event/event-line.js'
import { readBlocks } from '#src/segment/block-reader.js'
import { discoverSegments, type FoundSegment } from '#src/segment/discovery.js'
import { DAMAGED_ROOT, type DamagedRun, damagedRuns } from '../support/damaged-runs.js'
import { type TextLine, textLines } from '../support/line-texts.js'

interface ReadSegment {
  readonly lines: readonly TextLine[]
  readonly torn: number
}

function readSegment({ path, size }: FoundSegment): ReadSegment {
  const fd = openSync(path, 'r')
  try {
    const blocks = [...readBlocks(fd, { from: 0, prefixCrc: 0, until: size, blockBytes: 100 })]
    return { lines: blocks.flatMap(textLines), torn: size - (blocks.at(-1)?.end ?? 0) }
  } finally {
    closeSync(fd)
  }
}

/** Counts a run the slow way, with every line in memory. */
function count(id: string, segments: readonly FoundSegment[]): DamagedRun {
  const read = segments.map(readSegment)
  const first = new Map<string, string>()
  const counts = { events: 0, duplicates: 0, rejects: 0 }
  for (const { content } of read.flatMap(({ lines }) => lines)) {
    counts[verdict(content)]++
  }
  return { id, ...counts, torn: read.reduce((sum, { torn }) => sum + torn, 0) }

  function verdict(content: TextLine['content']): keyof typeof counts {
    if ('problem' in content) return 'rejects'
    const decoded = decodeLine(content.text, id)
    if ('problem' in decoded) return 'rejects'
    const before = first.get(decoded.eventId)
    first.set(decoded.eventId, before ?? content.text)
    if (before === undefined) return 'events'
    return before === content.text ? 'duplicates' : 'rejects'
  }
}

describe('the damaged runs', () => {
  it('hold what their README says', () => {
    const { simulations, problems } = discoverSegments(DAMAGED_ROOT)
    expect(problems).toEqual([])
    const counted = simulations.map(({ id, segments }) => count(id, segments))
    expect(counted).toEqual(damagedRuns())
    expect(counted.length).toBeGreaterThan(10)
  })
})
