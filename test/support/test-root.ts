import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import { type IndexReport, indexRoot } from '#indexer/index-root.js'
import { verifyRoot } from '#indexer/verify-root.js'
import { segmentText } from './event-lines.js'
import { dumpSidecar, type SidecarDump } from './sidecar-dump.js'
import { temporaryDirectory } from './temporary-directory.js'

/** What a pass reports that had nothing to read. */
export const NOTHING_NEW = { events: 0, rejects: 0, duplicates: 0, bytes: 0, removed: 0 }

/** A root with one run, and what is done with it. */
export class TestRoot {
  readonly directory = temporaryDirectory()
  readonly root = join(this.directory, 'root')
  readonly db = join(this.directory, 'index.db')

  constructor() {
    mkdirSync(join(this.root, 'run'), { recursive: true })
  }

  path(name: string): string {
    return join(this.root, 'run', name)
  }

  write(name: string, ...lines: string[]): void {
    writeFileSync(this.path(name), segmentText(...lines))
  }

  index(blockBytes?: number): Promise<IndexReport> {
    const { root, db } = this
    return indexRoot({ root, db, ...(blockBytes === undefined ? {} : { blockBytes }) })
  }

  /** What is indexed, after making sure that it is what the files say. */
  dump(): SidecarDump {
    expect(verifyRoot(this).differences).toEqual([])
    return dumpSidecar(this.db)
  }

  lines(): string[] {
    return this.dump().events.map(({ line }) => line)
  }
}
