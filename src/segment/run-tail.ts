import { closeSync } from 'node:fs'
import { join } from 'node:path'
import { type ByteOffset, type LineBlock, lineText, readBlocks } from './block-reader.js'
import type { DiscoveryProblem, FoundSegment } from './discovery.js'
import { findLineStart } from './line-start.js'
import { type Recognised, recogniseSegment } from './recognise-segment.js'
import { type FileIdentity, isSameFile, RunFiles } from './run-files.js'
import { SeenSegment, type TailFile } from './seen-segment.js'
import { OpenSegment } from './segment-mark.js'

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

/** Neighbouring lines of one segment. */
export interface TailBlock {
  readonly file: TailFile
  readonly lines: readonly TailLine[]
}

/** How much of a segment is read at once. Bytes. */
const BLOCK_BYTES = 256 * 1024

/** How many segments that are gone are remembered: they may come back as copies. */
const MOST_GONE = 100

/** How often only the last segment is looked at before all are. */
const MOST_GLANCES = 9

/** Two changes of a file or directory that are so far from each other have different times. */
const SETTLED_MS = 100

/**
 * Reads the lines of a run as they are written, from the files themselves. A segment is known by
 * its inode as long as it still begins with what was read of it, so that one that is sealed is read
 * on under its new name; and by what was read, so that a copy is read on as well. One that says
 * something else is read from its start; one that says less may be a copy that is still being made,
 * and is waited for.
 */
export class RunTail {
  readonly #files: RunFiles
  readonly #onTrouble: (trouble: DiscoveryProblem) => void
  /** In reading order. */
  #segments: readonly SeenSegment[]
  /** Those that were deleted or written anew, the latest first. */
  #gone: readonly SeenSegment[] = []
  /** Kept open, so that it is read to its end when it is deleted, and no other file gets its inode. */
  #last: { readonly segment: SeenSegment; readonly fd: number } | undefined
  /** When a segment came or went, as far as it is known for sure. */
  #directoryModifiedMs: number | undefined
  /** How often only the last one was looked at since all were. */
  #glances = 0

  /**
   * What is there already is not new.
   *
   * @param onTrouble told once of each thing that cannot be read, or is not what it was
   * @throws the file system's error, or StaleListingError, when the run cannot be listed
   */
  constructor(root: string, simulation: string, onTrouble: (trouble: DiscoveryProblem) => void) {
    this.#onTrouble = onTrouble
    this.#files = new RunFiles(root, simulation, onTrouble)
    const found = this.#files.listNow()
    this.#segments = found.map((file) => {
      const segment = SeenSegment.read(file)
      const fd = this.#files.keepOpen(file)
      if (fd === undefined) return segment
      segment.findEnd(fd)
      closeSync(fd)
      return segment
    })
    this.#holdLast(found)
  }

  /** Whether the run has any segment. */
  get exists(): boolean {
    return this.#segments.length > 0
  }

  /** Whether files changed under the last look, so that the next one finds more than is new since. */
  get isBehind(): boolean {
    return this.#files.isBehind
  }

  /**
   * The lines that were there from the beginning, the last block first, each block in order.
   *
   * @throws what the constructor throws
   */
  *readBack(): Generator<TailBlock> {
    for (const file of this.#files.listNow().reverse()) {
      const segment = this.#segments.find((one) => isSameFile(one, file))
      if (segment !== undefined) {
        yield* this.#files.open(file, (fd) => readBackFrom(fd, segment))
      }
    }
  }

  /** Makes everything new from a line on. */
  goBackTo(file: TailFile, offset: ByteOffset): void {
    const first = this.#segments.findIndex((segment) => segment === file)
    for (const [index, segment] of this.#segments.entries()) {
      if (index >= first) segment.goTo(index === first ? offset : 0)
    }
  }

  /** The complete lines that came since it was asked last, in the order of the files. */
  *readNew(): Generator<TailBlock> {
    this.#files.isBehind = false
    if (this.#mayGlance()) {
      yield* this.#glance()
      return
    }
    yield* this.#look()
  }

  /** Whether nothing can be new but in the last segment, or it can wait. */
  #mayGlance(): boolean {
    const before = this.#directoryModifiedMs
    const modifiedMs = this.#files.modifiedMs()
    // A change soon after another one may not show in the time.
    const isSettled = modifiedMs !== undefined && Date.now() - modifiedMs > SETTLED_MS
    this.#directoryModifiedMs = isSettled ? modifiedMs : undefined
    return isSettled && modifiedMs === before && this.#glances < MOST_GLANCES
  }

  *#glance(): Generator<TailBlock> {
    const last = this.#last
    const opened = last && new OpenSegment(last.fd)
    if (opened === undefined || last?.segment.isSurelyIn(opened) !== true) {
      yield* this.#look()
      return
    }
    this.#glances++
    yield* this.#readOn(last.fd, { segment: last.segment, size: opened.size })
  }

  *#look(): Generator<TailBlock> {
    this.#glances = 0
    const settledMs = Date.now() - SETTLED_MS
    const found = this.#files.list()
    if (found === undefined) {
      // What could not be seen may be new: a glance at the last one would come before it.
      this.#directoryModifiedMs = undefined
      return
    }
    const before = this.#segments
    const known = new Map(before.map((segment) => [keyOf(segment), segment]))
    const last = this.#last
    const open = (segment: SeenSegment): number | undefined => {
      const file = found.find((one) => isSameFile(one, segment))
      return file && this.#files.keepOpen(file)
    }
    if (last !== undefined && !found.some((file) => isSameFile(file, last.segment))) {
      // Deleted: whatever else is new was written behind it.
      const { segment: same, fd } = last
      const seen = [...before, ...this.#gone]
      const recognised = recogniseSegment(fd, same, { same, hadName: true, seen, open })
      if (recognised.segment !== same) this.#gone = [recognised.segment, ...this.#gone]
      if (!recognised.isAwaited) yield* this.#readOn(fd, recognised)
    }
    for (const file of found) known.get(keyOf(file))?.rename(file.name)
    const segments: SeenSegment[] = []
    for (const file of found) {
      const same = known.get(keyOf(file))
      if (same?.isUntouched(file) === true) {
        segments.push(same)
        continue
      }
      const isOpened = yield* this.#files.open(file, (fd) => {
        const seen = [...segments, ...before, ...this.#gone]
        const hadName = before.some((one) => one.name === file.name && one.known > 0)
        const recognised = recogniseSegment(fd, file, { same, hadName, seen, open })
        segments.push(recognised.segment)
        return this.#readAll(fd, recognised, file, settledMs)
      })
      if (isOpened) continue
      this.#directoryModifiedMs = undefined
      if (same !== undefined) segments.push(same)
    }
    this.#setSegments(segments)
    this.#holdLast(found)
  }

  /** Reads a found segment on, and takes it for read once it cannot change without having another time. */
  *#readAll(
    fd: number,
    recognised: Recognised,
    file: FoundSegment,
    settledMs: number,
  ): Generator<TailBlock> {
    if (recognised.isAwaited) this.#files.isBehind = true
    else if (yield* this.#readOn(fd, recognised)) {
      if (file.modifiedMs < settledMs) recognised.segment.noteRead(file)
    }
  }

  /**
   * The complete lines behind what was read of a segment, as long as that is what it says: what
   * is written over it while they are made use of is for the next look.
   *
   * @returns whether that was all of them
   */
  *#readOn(
    fd: number,
    { segment, size }: Pick<Recognised, 'segment' | 'size'>,
  ): Generator<TailBlock, boolean> {
    for (const block of blocksBetween(fd, segment.findEnd(fd), size)) {
      const { isAnew } = segment
      // Before it is given: who stops here has had it.
      if (!segment.goBehind(new OpenSegment(fd), block)) {
        this.#files.isBehind = true
        return false
      }
      if (isAnew) this.#noteAnew(segment)
      yield { file: segment, lines: toLines(block, segment) }
    }
    return true
  }

  /** Tells of a file that says something else than what was read of it. */
  #noteAnew({ name }: SeenSegment): void {
    const path = join(this.#files.directory, name)
    this.#onTrouble({ path, message: 'was written anew; it is read from its start' })
  }

  #setSegments(segments: readonly SeenSegment[]): void {
    const present = new Set(segments)
    const gone = this.#segments.filter((segment) => !present.has(segment))
    if (gone.length > 0 && segments.length === 0) {
      this.#onTrouble({ path: this.#files.directory, message: 'is gone; waiting for it' })
    }
    this.#gone = [...gone, ...this.#gone].slice(0, MOST_GONE)
    this.#segments = segments
  }

  #holdLast(found: readonly FoundSegment[]): void {
    const segment = this.#segments.at(-1)
    if (segment === this.#last?.segment) return
    this.#release()
    const file = segment && found.find((one) => isSameFile(segment, one))
    const fd = file && this.#files.keepOpen(file)
    if (segment !== undefined && fd !== undefined) this.#last = { segment, fd }
  }

  #release(): void {
    if (this.#last !== undefined) closeSync(this.#last.fd)
    this.#last = undefined
  }

  /** Lets go of what it holds. */
  close(): void {
    this.#release()
    this.#segments = []
  }
}

function keyOf({ device, inode }: FileIdentity): string {
  return `${device}:${inode}`
}

/** The lines before an end, the last block first, as long as the file says what was found in it. */
function* readBackFrom(fd: number, segment: SeenSegment): Generator<TailBlock> {
  for (let end = segment.findEnd(fd); end > 0;) {
    const start = findLineStart(fd, Math.max(0, end - BLOCK_BYTES))
    const lines = [...blocksBetween(fd, start, end)].flatMap((block) => toLines(block, segment))
    if (!segment.goesOnIn(new OpenSegment(fd))) return
    yield { file: segment, lines }
    end = start
  }
}

function blocksBetween(fd: number, from: ByteOffset, until: ByteOffset): Generator<LineBlock> {
  return readBlocks(fd, { from, until, prefixCrc: 0, blockBytes: BLOCK_BYTES })
}

function toLines(block: LineBlock, { name: segment }: TailFile): TailLine[] {
  return block.lines.map((line) => ({
    segment,
    offset: line.offset,
    text: line.problem === undefined ? lineText(block, line) : undefined,
    problem: line.problem,
  }))
}
