import { appendFileSync, cpSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { indexRoot } from '#indexer/index-root.js'
import type { IngestOptions } from '#indexer/index-simulation.js'
import { reindexRoot } from '#indexer/reindex.js'
import { ACTIVE_SEGMENT } from '#src/segment/segment-name.js'
import { SidecarReader } from '#src/sidecar/sidecar-reader.js'

/** Lines of events, by run and segment: `{ solo: { 'events.jsonl': [line, …] } }`. */
export type RunLines = Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>

/** The runs recorded by llm-sim. */
export const FIXTURE = 'test/fixtures/llm-sim'
/** Its larger run. */
export const MARKET = 'market-20251004-142345-6agents'

/** How a root is indexed. */
export interface IndexedRootOptions extends IngestOptions {
  /** Whether events are made searchable; true unless told otherwise. */
  readonly search?: boolean
}

/** An output root that is thrown away, and its sidecar. */
export class IndexedRoot {
  readonly #options: IndexedRootOptions
  readonly root = mkdtempSync(join(tmpdir(), 'turnlog-'))
  readonly db = join(this.root, '.turnlog', 'index.db')
  readonly reader = new SidecarReader(this.db)

  /** @param options how it is indexed; the defaults are those of `turnlog index` */
  constructor(options: IndexedRootOptions = {}) {
    this.#options = { search: true, ...options }
  }

  /** Copies the runs of the fixture. */
  static async ofFixture(): Promise<IndexedRoot> {
    const indexed = new IndexedRoot()
    cpSync(FIXTURE, indexed.root, { recursive: true })
    await indexed.index()
    return indexed
  }

  static async of(runs: RunLines, options?: IndexedRootOptions): Promise<IndexedRoot> {
    const indexed = new IndexedRoot(options)
    await indexed.append(runs)
    return indexed
  }

  /** Appends whole lines, then indexes them. */
  async append(runs: RunLines): Promise<void> {
    for (const [run, segments] of Object.entries(runs)) {
      for (const [segment, lines] of Object.entries(segments)) {
        this.write(run, segment, lines.map((line) => `${line}\n`).join(''))
      }
    }
    await this.index()
  }

  /** Appends a text as it is, and indexes nothing. */
  write(run: string, segment: string, text: string): void {
    mkdirSync(join(this.root, run), { recursive: true })
    appendFileSync(join(this.root, run, segment), text)
  }

  /** Gives the active segment of a run another name, as a writer does that goes on with a new one. */
  seal(run: string, name: string): void {
    renameSync(join(this.root, run, ACTIVE_SEGMENT), join(this.root, run, name))
    this.write(run, ACTIVE_SEGMENT, '')
  }

  /** Deletes a run, or one of its segments, and indexes nothing. */
  remove(run: string, segment = ''): void {
    rmSync(join(this.root, run, segment), { recursive: true })
  }

  async index(): Promise<void> {
    await indexRoot({ ...this.#options, root: this.root, db: this.db })
  }

  async reindex(): Promise<void> {
    await reindexRoot({ root: this.root, db: this.db, search: true })
  }

  async close(): Promise<void> {
    await this.reader.close()
    rmSync(this.root, { recursive: true, force: true })
  }
}

/** Runs a check on a root of its own, and throws the root away whatever comes of it. */
export async function withIndexedRoot(
  runs: RunLines,
  check: (indexed: IndexedRoot) => Promise<void>,
  options?: IndexedRootOptions,
): Promise<void> {
  const indexed = await IndexedRoot.of(runs, options)
  try {
    await check(indexed)
  } finally {
    await indexed.close()
  }
}

/** The fields of a line that tests care about; the others get something plain. */
export interface LineFields {
  readonly id: string
  readonly timestamp?: string
  readonly turn?: number
  readonly type?: string
  readonly agent?: string | undefined
  readonly causes?: readonly string[]
  readonly details?: Readonly<Record<string, unknown>> | undefined
}

/** Spells a line. */
export function eventLine(fields: LineFields): string {
  const { id, timestamp, turn, type, agent, causes, details } = fields
  return JSON.stringify({
    event_id: id,
    timestamp: timestamp ?? '2025-10-04T14:23:45.000001+00:00',
    turn_number: turn ?? 0,
    event_type: type ?? 'DETAIL',
    agent_id: agent,
    caused_by: causes,
    details,
  })
}
