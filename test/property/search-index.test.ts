import { copyFileSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { RootIndexer } from '#indexer/root-indexer.js'
import { SearchIndex } from '#indexer/search-index.js'
import { findSearchProblems } from '#indexer/verify-search.js'
import { verifyRoot } from '#indexer/verify-root.js'
import { openSidecarForReading, openSidecarForWriting } from '#src/sidecar/open-sidecar.js'
import { placeOf, readNaively } from '../support/naive-reading.js'
import { RunOnDisk } from '../support/run-on-disk.js'
import { dumpSearchIndex, type IndexedWord } from '../support/search-dump.js'
import { inTemporaryDirectory } from '../support/temporary-directory.js'

const RUNS = ['alpha', 'beta', 'gamma']
const WORDS = ['grain', 'Iron', 'n', 'Ärger', 'interest_rate', '国家', 'x1', '7', 'bread']

const word = fc.constantFrom(...WORDS)
const sentence = fc
  .array(fc.tuple(word, fc.constantFrom(' ', '\n', '"', '\\', '\0', ', ', '😀', '-', '{')), {
    maxLength: 6,
  })
  .map((parts) => parts.flat().join(''))

const line = fc
  .record({
    event_id: fc.nat({ max: 40 }).map((number) => `id-${number}`),
    timestamp: fc
      .integer({ min: 10, max: 59 })
      .map((second) => `2026-01-01T00:00:${second}.000000+00:00`),
    turn_number: fc.nat({ max: 9 }),
    event_type: fc.constantFrom('STATE', 'DETAIL', 'SYSTEM'),
    description: fc.option(sentence, { nil: undefined }),
    details: fc.oneof(
      fc.constant(undefined),
      fc.record({ variable_name: word, new_value: sentence }),
      fc.record({ calculation_type: sentence, intermediate_values: fc.dictionary(word, sentence) }),
      fc.array(sentence, { maxLength: 3 }),
    ),
  })
  .map((event) => JSON.stringify(event))

const run = fc.nat({ max: RUNS.length - 1 })
const share = fc.nat({ max: 1000 }).map((thousandths) => thousandths / 1000)

const step = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('append' as const),
      run,
      lines: fc.array(line, { minLength: 1, maxLength: 8 }),
      cut: share,
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constantFrom(
        'rotate' as const,
        'lose' as const,
        'restore' as const,
        'remove' as const,
      ),
      run,
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constantFrom('cut short' as const, 'edit' as const, 'copy' as const),
      run,
      which: fc.nat(),
      at: share,
    }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant('index' as const),
      blockBytes: fc.constantFrom<number>(1, 333, 100_000),
      /** After how many looks the pass is interrupted. */
      stopAfter: fc.constantFrom(1, 3, Infinity),
      reopen: fc.boolean(),
    }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant('search' as const),
      steps: fc.integer({ min: 1, max: 4 }),
      bytes: fc.constantFrom<number>(1, 500, 100_000),
    }),
  },
)

type Step = typeof step extends fc.Arbitrary<infer T> ? T : never

/** Indexes a root in passes and in steps of the full-text index, as one process or as several. */
class SteppingIndexer {
  readonly #location: { readonly root: string; readonly db: string }
  #indexer: RootIndexer | undefined
  #looksLeft = Infinity

  constructor(location: { readonly root: string; readonly db: string }) {
    this.#location = location
  }

  async pass({ blockBytes, stopAfter, reopen }: Extract<Step, { kind: 'index' }>): Promise<void> {
    if (reopen) this.close()
    this.#looksLeft = stopAfter
    await this.#open(blockBytes).pass()
  }

  /** @returns whether there is more to be done */
  async search({ steps, bytes }: Extract<Step, { kind: 'search' }>): Promise<boolean> {
    const indexer = this.#open(1_000)
    for (let nth = 0; nth < steps; nth++) {
      if ((await indexer.searchStep(bytes)) === 0) return false
    }
    return true
  }

  #open(blockBytes: number): RootIndexer {
    const shouldStop = (): boolean => --this.#looksLeft < 0
    this.#indexer ??= new RootIndexer({ ...this.#location, blockBytes, shouldStop })
    return this.#indexer
  }

  close(): void {
    this.#indexer?.close()
    this.#indexer = undefined
  }
}

describe('the full-text index', () => {
  it('equals one that is built from nothing, and the files, whatever comes and goes between steps', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { minLength: 3, maxLength: 30, size: 'max' }),
        async (steps) => {
          await inTemporaryDirectory(async (directory) => {
            const root = join(directory, 'root')
            const db = join(directory, 'index.db')
            mkdirSync(root)
            const indexer = new SteppingIndexer({ root, db })
            await play(steps, root, indexer)
            indexer.close()
            await expectAsBuiltAnew(db)

            await indexer.pass({
              kind: 'index',
              blockBytes: 700,
              stopAfter: Infinity,
              reopen: true,
            })
            while (await indexer.search({ kind: 'search', steps: 9, bytes: 700 }));
            indexer.close()
            await expectAsBuiltAnew(db)
            expect(verifyRoot({ root, db }).differences).toEqual([])
            expectWordsOfFiles(root, db)
          })
        },
      ),
      { numRuns: 100 },
    )
  })
})

async function play(steps: readonly Step[], root: string, indexer: SteppingIndexer): Promise<void> {
  const runs = RUNS.map((name) => new RunOnDisk(root, name))
  for (const action of steps) {
    if (action.kind === 'index') await indexer.pass(action)
    else if (action.kind === 'search') await indexer.search(action)
    else change(runs[action.run] ?? new RunOnDisk(root, 'none'), action)
  }
  // There is a sidecar in any case.
  await indexer.search({ kind: 'search', steps: 1, bytes: 1 })
}

function change(target: RunOnDisk, action: Exclude<Step, { kind: 'index' | 'search' }>): void {
  switch (action.kind) {
    case 'append':
      target.append(action.lines, action.cut)
      break
    case 'rotate':
      target.rotate()
      break
    case 'lose':
      target.lose()
      break
    case 'restore':
      target.restore()
      break
    case 'remove':
      target.remove()
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

/** Holds the index, as far as it is, against one of the same events built in one step. */
async function expectAsBuiltAnew(db: string): Promise<void> {
  const connection = openSidecarForReading(db)
  connection.pragma('query_only = 0')
  const words = dumpSearchIndex(connection)
  connection.exec('BEGIN')
  expect([...findSearchProblems(connection)]).toEqual([])
  connection.close()

  const copy = `${db}.anew`
  copyFileSync(db, copy)
  expect(words).toEqual(await buildAnew(copy))
}

async function buildAnew(db: string): Promise<IndexedWord[]> {
  const connection = await openSidecarForWriting(db)
  const lastRow = connection.prepare<[], number>('SELECT last_row FROM search_progress').pluck()
  const until = lastRow.get() ?? 0
  connection.exec(`
    INSERT INTO event_search (event_search) VALUES ('delete-all');
    UPDATE search_progress SET last_row = 0, events = 0`)
  const index = new SearchIndex(connection)
  while ((lastRow.get() ?? 0) < until && index.step(1) > 0);
  const words = dumpSearchIndex(connection)
  connection.close()
  return words
}

const WORD = /[\p{L}\p{N}]+/gu

/** Each event's words as FTS5 folds them, read from what the line says. */
function wordsOf(text: string): Set<string> {
  const { description, details } = JSON.parse(text) as { description?: unknown; details?: unknown }
  const said: string[] = []
  const collect = (value: unknown): void => {
    if (typeof value === 'string') said.push(value)
    else if (typeof value === 'object' && value !== null) {
      for (const [key, member] of Object.entries(value)) {
        if (!Array.isArray(value)) said.push(key)
        collect(member)
      }
    }
  }
  collect([description, details])
  return new Set(said.flatMap((part) => fold(part).match(WORD) ?? []))
}

function fold(text: string): string {
  return text.normalize('NFD').replaceAll(/\p{M}/gu, '').toLowerCase()
}

function expectWordsOfFiles(root: string, db: string): void {
  const connection = new Database(db, { readonly: true })
  const find = connection.prepare<
    [string],
    { simulation: string; segment: string; offset: number }
  >(
    `SELECT simulation.name AS simulation, segment.name AS segment, offset
      FROM event_search JOIN event ON event.id = event_search.rowid
      JOIN simulation ON simulation.id = event.simulation
      JOIN segment ON segment.id = event.segment WHERE event_search MATCH ?`,
  )
  const events = [...readNaively(root).events].map(
    ([place, text]) => [place, wordsOf(text)] as const,
  )
  for (const wanted of new Set(WORDS.flatMap((text) => fold(text).match(WORD) ?? []))) {
    const found = find
      .all(`"${wanted}"`)
      .map(({ simulation, segment, offset }) => placeOf(simulation, segment, offset))
    const expected = events.filter(([, words]) => words.has(wanted)).map(([place]) => place)
    expect({ wanted, found: found.sort() }).toEqual({ wanted, found: expected.sort() })
  }
  connection.close()
}
