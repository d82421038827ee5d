import { closeSync, fstatSync, openSync } from 'node:fs'
import { systemErrorCode } from '../errors.js'
import { type ByteOffset, lineText, readBlocks } from './block-reader.js'
import { type FoundSegment, listSegments, StaleListingError } from './discovery.js'
import { findLineStart } from './line-start.js'

/** A complete line of a run. */
export interface TailLine {
  /** The name of its segment, when it was read. */
  readonly segment: string
  readonly offset: ByteOffset
  /** What it says; undefined where that is too long, or no text. */
  readonly text: string | undefined
  /** Why there is no text. */
  readonly problem: string | undefined
}

/** How much of a segment is read at once. Bytes. */
const BLOCK_BYTES = 256 * 1024

/** A segment that was seen. */
interface SeenSegment {
  name: string
  /** Up to where it is read; undefined until it is known where the last line before `size` ends. */
  checkpoint: ByteOffset | undefined
  /** When it was looked at last. Bytes. */
  size: number
}

/**
 * Reads the lines of a run as they are written, from the files themselves. A segment is known by
 * its inode, so that one that is sealed is read on under its new name; one that is cut short or
 * replaced is read from its start.
 */
export class RunTail {
  readonly #root: string
  readonly #simulation: string
  readonly #segments = new Map<string, SeenSegment>()
  /** Kept open until all of it is read, so that no other file gets its inode. */
  #active: { readonly key: string; readonly fd: number } | undefined

  /** What is there already is not new. @throws the file system's error when it cannot be listed */
  constructor(root: string, simulation: string) {
    this.#root = root
    this.#simulation = simulation
    const found = this.#list() ?? []
    for (const { name, size, ...file } of found) {
      this.#segments.set(keyOf(file), { name, checkpoint: undefined, size })
    }
    this.#holdLast(found)
  }

  /** Whether the run has any segment. */
  get exists(): boolean {
    return this.#segments.size > 0
  }

  /**
   * The lines that were there from the beginning, the last block first, each block in order.
   *
   * @throws the file system's error when a read fails
   */
  *readBack(): Generator<TailLine[]> {
    for (const found of (this.#list() ?? []).reverse()) {
      const seen = this.#segments.get(keyOf(found))
      if (seen !== undefined) yield* this.#readSegmentBack(found, seen)
    }
  }

  *#readSegmentBack(found: FoundSegment, seen: SeenSegment): Generator<TailLine[]> {
    const fd = openFound(found)
    if (fd === undefined) return
    try {
      let end = this.#checkpointOf(fd, seen)
      while (end > 0) {
        const start = findLineStart(fd, Math.max(0, end - BLOCK_BYTES))
        const lines = [...readLines(fd, found.name, start, end)].flatMap(({ lines }) => lines)
        yield lines
        end = start
      }
    } finally {
      closeSync(fd)
    }
  }

  /**
   * The complete lines that came since it was asked last, in the order of the files.
   *
   * @throws the file system's error when a read fails
   */
  *readNew(): Generator<TailLine[]> {
    const found = this.#list()
    if (found === undefined) return
    for (const file of found) yield* this.#readSegment(file)
    const present = new Set(found.map(keyOf))
    for (const key of this.#segments.keys()) if (!present.has(key)) this.#segments.delete(key)
    this.#holdLast(found)
  }

  *#readSegment(found: FoundSegment): Generator<TailLine[]> {
    const key = keyOf(found)
    const seen = this.#segments.get(key) ?? { name: found.name, checkpoint: 0, size: 0 }
    this.#segments.set(key, seen)
    seen.name = found.name
    if (found.size === seen.size) return
    const fd = openFound(found)
    if (fd === undefined) return
    try {
      if (found.size < seen.size) seen.checkpoint = 0
      const from = this.#checkpointOf(fd, seen)
      seen.size = found.size
      for (const { lines, end } of readLines(fd, found.name, from, found.size)) {
        // Before they are given: who stops here has had them.
        seen.checkpoint = end
        yield lines
      }
    } finally {
      closeSync(fd)
    }
  }

  #checkpointOf(fd: number, seen: SeenSegment): ByteOffset {
    seen.checkpoint ??= findLineStart(fd, seen.size)
    return seen.checkpoint
  }

  /** Undefined while it changes too fast to be listed. */
  #list(): FoundSegment[] | undefined {
    try {
      return listSegments(this.#root, this.#simulation)
    } catch (error) {
      if (error instanceof StaleListingError) return undefined
      throw error
    }
  }

  #holdLast(found: readonly FoundSegment[]): void {
    const last = found.at(-1)
    const key = last === undefined ? undefined : keyOf(last)
    if (key === this.#active?.key) return
    this.#release()
    const fd = last && openFound(last)
    if (key !== undefined && fd !== undefined) this.#active = { key, fd }
  }

  #release(): void {
    if (this.#active !== undefined) closeSync(this.#active.fd)
    this.#active = undefined
  }

  /** Lets go of what it holds. */
  close(): void {
    this.#release()
    this.#segments.clear()
  }
}

function keyOf({ device, inode }: Pick<FoundSegment, 'device' | 'inode'>): string {
  return `${device}:${inode}`
}

/** Undefined where another file has its name by now, or none: the next look finds out. */
function openFound({ path, device, inode }: FoundSegment): number | undefined {
  let fd: number
  try {
    fd = openSync(path, 'r')
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') return undefined
    throw error
  }
  const { dev, ino } = fstatSync(fd)
  if (dev === device && ino === inode) return fd
  closeSync(fd)
  return undefined
}

function* readLines(
  fd: number,
  segment: string,
  from: ByteOffset,
  until: ByteOffset,
): Generator<{ readonly lines: TailLine[]; readonly end: ByteOffset }> {
  const blocks = readBlocks(fd, { from, until, prefixCrc: 0, blockBytes: BLOCK_BYTES })
  for (const block of blocks) {
    const lines = block.lines.map((line) => ({
      segment,
      offset: line.offset,
      text: line.problem === undefined ? lineText(block, line) : undefined,
      problem: line.problem,
    }))
    yield { lines, end: block.end }
  }
}
