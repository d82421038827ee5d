import {
  appendFileSync,
  copyFileSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { sealedSegmentName } from '#src/segment/segment-name.js'
import { ended, TailedRun } from '../support/tailed-run.js'
import { inTemporaryDirectory } from '../support/temporary-directory.js'

describe('RunTail, whatever is done', () => {
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
