import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import type { DiscoveryProblem } from '#src/segment/discovery.js'
import { RunTail } from '#src/segment/run-tail.js'
import { temporaryDirectory } from './temporary-directory.js'

/** The name of a sealed segment. */
export const SEALED = 'events_2026-01-01_00-00-00.jsonl'

/** A run with these segments, and a tail that was there from the beginning. */
export class TailedRun {
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

/** {@link TailedRun} for a test, with which it ends. */
export function tailed(segments: Readonly<Record<string, string>>): TailedRun {
  const run = new TailedRun(segments)
  onTestFinished(() => {
    run.tail.close()
  })
  return run
}

/** Lines of which each says something else, of any length. */
export function numbered(from: number, to: number): string[] {
  return Array.from({ length: to - from }, (_, at) => `${from + at}${'x'.repeat((at * 7) % 500)}`)
}

/** A line with its newline. */
export function ended(line: string): string {
  return `${line}\n`
}
