import { readdirSync, type Stats, statSync } from 'node:fs'
import { join } from 'node:path'
import { CONTROL_DIRECTORY } from '../src/event/simulation-id.js'
import type { FoundSegment } from '../src/segment/discovery.js'
import { ACTIVE_SEGMENT } from '../src/segment/segment-name.js'

/** What an active segment is known by; the same as long as nothing is written to it. */
type Signature = string

/** Stands for an active segment that is missing, or cannot be seen. */
const UNSEEN: Signature = ''

/**
 * Tells which runs changed, by one look at the active segment of each: much
 * cheaper than listing them all. What is missed here, a pass over the root finds.
 */
export class ActiveSegments {
  readonly #root: string
  readonly #signatures = new Map<string, Signature>()
  /** When the root was changed last, as far as it is known, and what has come into it. */
  #rootModifiedMs: number | undefined
  #newcomers: readonly string[] = []

  constructor(root: string) {
    this.#root = root
  }

  /** A run is about to be read as it was listed. */
  noteListed(run: string, listed: readonly FoundSegment[]): void {
    const active = listed.find(({ name }) => name === ACTIVE_SEGMENT)
    const signature = active && spell(active.inode, active.size, active.modifiedMs)
    this.#signatures.set(run, signature ?? this.#look(run))
  }

  /** A run is about to be looked at, and perhaps cannot be read. */
  note(run: string): void {
    this.#signatures.set(run, this.#look(run))
  }

  /** A run is to count as changed as long as it has an active segment. */
  noteUnread(run: string): void {
    this.#signatures.set(run, UNSEEN)
  }

  /** A run was not found: it is forgotten unless something else has its name. */
  noteMissing(run: string): void {
    if (statOf(join(this.#root, run)) === undefined) this.#signatures.delete(run)
  }

  /** The runs whose active segment changed since they were noted, or is new. */
  changedRuns(): string[] {
    const newcomers = this.#findNewcomers().filter((name) => !this.#signatures.has(name))
    return [...this.#signatures, ...newcomers.map((name) => [name, UNSEEN] as const)]
      .filter(([name, signature]) => signature !== this.#look(name))
      .map(([name]) => name)
  }

  #look(run: string): Signature {
    const stat = statOf(join(this.#root, run, ACTIVE_SEGMENT))
    return stat?.isFile() === true ? spell(stat.ino, stat.size, stat.mtimeMs) : UNSEEN
  }

  /** What came into the root: a run, perhaps, once it has an active segment. */
  #findNewcomers(): readonly string[] {
    const modifiedMs = statOf(this.#root)?.mtimeMs
    if (modifiedMs !== this.#rootModifiedMs) {
      this.#rootModifiedMs = modifiedMs
      this.#newcomers = entriesOf(this.#root).filter(
        (name) => name !== CONTROL_DIRECTORY && !this.#signatures.has(name),
      )
    }
    return this.#newcomers
  }
}

function spell(...numbers: readonly number[]): Signature {
  return numbers.join(' ')
}

/** None where there is no directory, or none that can be read: a pass says why. */
function entriesOf(path: string): string[] {
  try {
    return readdirSync(path)
  } catch {
    return []
  }
}

/** Undefined where there is nothing, or nothing that can be seen: reading it will say why. */
function statOf(path: string): Stats | undefined {
  try {
    return statSync(path)
  } catch {
    return undefined
  }
}
