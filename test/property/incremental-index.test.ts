import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { RootIndexer } from '#indexer/root-indexer.js'
import { reindexRoot } from '#indexer/reindex.js'
import { verifyRoot } from '#indexer/verify-root.js'
import { MAX_LEAF_EVENTS } from '#src/sidecar/schema.js'
import { placeOf, readNaively } from '../support/naive-reading.js'
import { RunOnDisk } from '../support/run-on-disk.js'
import { dumpSidecar } from '../support/sidecar-dump.js'
import { inTemporaryDirectory } from '../support/temporary-directory.js'

const RUNS = ['alpha', 'beta-20260101-000000-2agents']

/** Few ids, so that copies, forward references and causes that never come are common. */
const id = fc.integer({ min: 0, max: 25 }).map((number) => `id-${number}`)
/** Few instants, so that ties and disorder are. */
const timestamp = fc
  .integer({ min: 0, max: 9 })
  .map((second) => `2026-01-01T00:00:0${second}.000000+00:00`)

const eventLine = fc
  .record({
    event_id: id,
    timestamp,
    turn_number: fc.constantFrom(0, 1, 63, 64, 200),
    event_type: fc.constantFrom('MILESTONE', 'DECISION', 'STATE', 'ENV'),
    simulation_id: fc.constantFrom(...RUNS),
    agent_id: fc.constantFrom('alice', 'Großbank', null, undefined),
    caused_by: fc.constantFrom(null, undefined, [], ['id-1'], ['id-2', 'id-3', 'id-2'], ['gone']),
    details: fc.constantFrom({ variable_name: 'x' }, { decision_type: '🎲' }, null, undefined),
  })
  .map((event) => JSON.stringify(event))

const oddLine = fc.constantFrom(
  '',
  'junk',
  '[1]',
  '{"event_id":"id-1"}',
  '{"event_id":"id-4","timestamp":"2026-01-01T00:00:03Z","turn_number":1.0,"event_type":"STATE","n":1e22}',
  ' {"turn_number":7,"event_type":"ACTION","timestamp":"2026-01-01 00:00:02","event_id":"id-5"}\r',
)

const line = fc.oneof({ weight: 8, arbitrary: eventLine }, { weight: 1, arbitrary: oddLine })
const run = fc.nat({ max: RUNS.length - 1 })
/** Evenly spread, where a double would be 0 or 1 most of the time. */
const share = fc.nat({ max: 1000 }).map((thousandths) => thousandths / 1000)

const step = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('append' as const),
      run,
      lines: fc.array(line, { minLength: 1, maxLength: 8 }),
      /** Where the bytes are cut: what is behind it comes with the next append, so tails are torn. */
      cut: share,
    }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('rotate' as const), run }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('delete' as const), run }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('restore' as const), run }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('rename' as const),
      run,
      from: fc.nat(),
      /** Names that sort before, between and behind those of a rotation. */
      to: fc.constantFrom('events_1', 'events_2026-01-01_00-00-01_0001', 'events_9'),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constantFrom('cut short' as const, 'edit' as const, 'copy' as const),
      run,
      which: fc.nat(),
      at: share,
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('index' as const),
      blockBytes: fc.constantFrom<number>(1, 50, 333, 1000, 100_000),
      /** Two, so that few events make many leaves and stretches. */
      leafEvents: fc.constantFrom(2, MAX_LEAF_EVENTS),
      /** After how many looks the pass is interrupted. */
      stopAfter: fc.constantFrom(1, 2, 3, 5, Infinity),
      /** How soon a run makes way for another. */
      turnBytes: fc.constantFrom(1, 700, 100_000),
      /** Whether what is read is decoded on a thread of its own. */
      threadFromBytes: fc.constantFrom(Infinity, Infinity, Infinity, Infinity, Infinity, 0),
      /** Whether the next pass is another process's. */
      reopen: fc.boolean(),
    }),
  },
)

type Step = typeof step extends fc.Arbitrary<infer T> ? T : never

/** Indexes a root in passes, each as another process or the same one. */
class InterruptedIndexer {
  #indexer: RootIndexer | undefined
  readonly #location: { readonly root: string; readonly db: string }

  constructor(location: { readonly root: string; readonly db: string }) {
    this.#location = location
  }

  async pass({
    blockBytes,
    turnBytes,
    threadFromBytes,
    leafEvents,
    stopAfter,
    reopen,
  }: Extract<Step, { kind: 'index' }>): Promise<void> {
    let looks = 0
    const shouldStop = (): boolean => ++looks > stopAfter
    if (reopen) this.close()
    this.#indexer ??= new RootIndexer({
      ...this.#location,
      blockBytes,
      turnBytes,
      threadFromBytes,
      orderSizes: { leafEvents, leaves: 2 },
      shouldStop,
    })
    await this.#indexer.pass()
  }

  close(): void {
    this.#indexer?.close()
    this.#indexer = undefined
  }
}

describe('the incremental index', () => {
  it('equals a full reindex and the files, whatever is cut, rotated, renamed, edited, lost and interrupted', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { minLength: 3, maxLength: 30, size: 'max' }),
        async (steps) => {
          await inTemporaryDirectory(async (directory) => {
            const root = join(directory, 'root')
            mkdirSync(root)
            const db = join(directory, 'incremental.db')
            await play(steps, root, db)
            const rebuilt = join(directory, 'rebuilt.db')
            await reindexRoot({ root, db: rebuilt })

            const dump = dumpSidecar(db)
            expect(dump).toEqual(dumpSidecar(rebuilt))
            const naive = readNaively(root)
            expect(
              new Map(
                dump.events.map(({ simulation, segment, offset, line: text }) => [
                  placeOf(simulation, segment, offset),
                  text,
                ]),
              ),
            ).toEqual(withoutCarriageReturns(naive.events))
            expect(
              new Set(
                dump.rejects.map((reject) =>
                  placeOf(reject.simulation, reject.segment, reject.offset),
                ),
              ),
            ).toEqual(naive.rejects)
            expect(verifyRoot({ root, db }).differences).toEqual([])
            expect(verifyRoot({ root, db: rebuilt })).toMatchObject({
              equal: true,
              events: naive.events.size,
              rejects: naive.rejects.size,
              duplicates: naive.duplicates,
            })
          })
        },
      ),
      { numRuns: 150 },
    )
  })
})

async function play(steps: readonly Step[], root: string, db: string): Promise<void> {
  const runs = RUNS.map((name) => new RunOnDisk(root, name))
  const indexer = new InterruptedIndexer({ root, db })
  for (const action of steps) {
    if (action.kind === 'index') {
      await indexer.pass(action)
      continue
    }
    const target = runs[action.run]
    if (target !== undefined) change(target, action)
  }
  indexer.close()
  await indexer.pass({
    kind: 'index',
    blockBytes: 700,
    turnBytes: 1,
    threadFromBytes: Infinity,
    leafEvents: MAX_LEAF_EVENTS,
    stopAfter: Infinity,
    reopen: true,
  })
  indexer.close()
}

function change(target: RunOnDisk, action: Exclude<Step, { kind: 'index' }>): void {
  switch (action.kind) {
    case 'append':
      target.append(action.lines, action.cut)
      break
    case 'rotate':
      target.rotate()
      break
    case 'delete':
      target.lose()
      break
    case 'restore':
      target.restore()
      break
    case 'rename':
      target.rename(action.from, action.to)
      break
    case 'cut short':
      target.cutShort(action.which, action.at)
      break
    case 'edit':
      target.edit(action.which, action.at)
      break
    case 'copy':
      target.copy(action.which)
      break
  }
}

/** A `\r` before the newline belongs to the terminator. */
function withoutCarriageReturns(events: ReadonlyMap<string, string>): Map<string, string> {
  return new Map([...events].map(([place, text]) => [place, text.replace(/\r$/, '')]))
}
