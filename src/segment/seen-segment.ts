import { fstatSync } from 'node:fs'
import type { ByteOffset, LineBlock } from './block-reader.js'
import type { FoundSegment } from './discovery.js'
import { findLineStart } from './line-start.js'
import type { FileIdentity } from './run-files.js'
import { markBlock, type OpenSegment, readMark, type SegmentMark } from './segment-mark.js'

/** A segment, to whoever reads lines of it. */
export interface TailFile {
  /** When it was looked at last. */
  readonly name: string
}

/** A file of a run, whatever it says. */
export type NamedFile = FileIdentity & Pick<FoundSegment, 'name'>

/** So many looks a copy is waited for that does not get on. */
const MOST_LOOKS = 50
/** One that gets on by as much from look to look is waited for to its end. Bytes. */
const LEAST_PROGRESS = 100_000

/** How far a segment was read, and by what that is known again. */
export class SeenSegment implements TailFile {
  readonly device: number
  readonly inode: number
  #name: string
  #checkpoint: ByteOffset = 0
  /** Set where the checkpoint is the end of the last line before a place, and not known yet. */
  #isBefore: ByteOffset | undefined
  /** Of what was read, be it before the checkpoint or behind it; undefined where that is nothing. */
  #mark: SegmentMark | undefined
  /** What it had when it was read to its end. Bytes, and the time of its last change. */
  #size: number | undefined
  #modifiedMs: number | undefined

  #isAnew: boolean
  /** Whether lines of it were given, or counted as read when it was found. */
  #isOwn = false
  /** How many looks it was waited for. */
  #looks = 0

  private constructor({ device, inode, name }: NamedFile, isAnew: boolean) {
    this.device = device
    this.inode = inode
    this.#name = name
    this.#isAnew = isAnew
  }

  /**
   * One of which nothing was read.
   *
   * @param hadName whether something was of the one that had its name
   */
  static unread(found: NamedFile, hadName: boolean): SeenSegment {
    return new SeenSegment(found, hadName)
  }

  /** One whose lines, as it was found, all count as read. */
  static read(found: FoundSegment): SeenSegment {
    const segment = new SeenSegment(found, false)
    segment.#isBefore = found.size
    segment.#isOwn = true
    segment.noteRead(found)
    return segment
  }

  get name(): string {
    return this.#name
  }

  /** Up to where it was read: the start of a line. */
  get checkpoint(): ByteOffset {
    return this.#checkpoint
  }

  /** How much is known of what it says. */
  get known(): ByteOffset {
    return this.#mark?.end ?? 0
  }

  /** Whether its first line stands where others were read, or may have been. */
  get isAnew(): boolean {
    return this.#isAnew && this.known === 0
  }

  /** Whether all that is known of it, if anything, is what it is a copy of. */
  get isCopyOnly(): boolean {
    return !this.#isOwn
  }

  rename(name: string): void {
    this.#name = name
  }

  /** The checkpoint, looked for where that was not done yet. @throws the file system's error */
  findEnd(fd: number): ByteOffset {
    if (this.#isBefore !== undefined) {
      const end = findLineStart(fd, Math.min(this.#isBefore, fstatSync(fd).size))
      this.goTo(end)
      this.#mark = readMark(fd, end)
    }
    return this.#checkpoint
  }

  /** Sets the checkpoint. By what it is known stays: only from where on it is new is another place. */
  goTo(checkpoint: ByteOffset): void {
    this.#checkpoint = checkpoint
    this.#isBefore = undefined
    this.#size = undefined
  }

  /** Counts as read what was read of the segment it is a copy of. */
  goToEndOf(original: SeenSegment): void {
    this.goTo(original.#checkpoint)
    this.#mark = original.#mark
  }

  /** Counts as read what stands before a mark of it. */
  goToMark(mark: SegmentMark): void {
    this.goTo(mark.end)
    this.#mark = mark
  }

  /**
   * Counts as read a block that was read behind the checkpoint, and is known by it from now on.
   *
   * @returns whether it does; not where the file does not say any more what was read of it
   * @throws the file system's error
   */
  goBehind(file: OpenSegment, block: LineBlock): boolean {
    // Before it is seen that nothing changed: else it could be of what was written since.
    const mark = markBlock(file.fd, block)
    if (mark === undefined || !this.goesOnIn(file)) return false
    this.goTo(block.end)
    this.#isOwn = true
    if (this.known < mark.end) this.#mark = mark
    return true
  }

  /** All of it was read, as it was found. */
  noteRead({ size, modifiedMs }: FoundSegment): void {
    this.#size = size
    this.#modifiedMs = modifiedMs
  }

  /** Whether it is as it was when it was read to its end, as far as the file system can tell. */
  isUntouched({ size, modifiedMs }: FoundSegment): boolean {
    return size === this.#size && modifiedMs === this.#modifiedMs
  }

  /** Whether a file has, at its place, what was read of this. @throws the file system's error */
  goesOnIn(file: OpenSegment): boolean {
    if (this.#isBefore !== undefined) return file.size >= this.#isBefore
    return this.#mark === undefined || file.goesOnBehind(this.#mark)
  }

  /** {@link goesOnIn}, and what else the file has is new: it is not on the way to become a copy. */
  isSurelyIn(file: OpenSegment): boolean {
    return (this.#isOwn || file.size <= this.known) && this.goesOnIn(file)
  }

  /** {@link goesOnIn} for a file that may be any: that nothing was read says nothing. */
  isCopiedIn(file: OpenSegment): boolean {
    return this.#mark !== undefined && this.known > 0 && file.goesOnBehind(this.#mark)
  }

  /**
   * Waits another look for a file that may become a copy of what was read.
   *
   * @returns whether it does: not for ever, as it may be something else that begins like that
   */
  waitFor({ size }: OpenSegment): boolean {
    this.#isAnew = true
    return this.#looks++ < MOST_LOOKS + size / LEAST_PROGRESS
  }

  /** Whether what was read of this may begin with all of a file. */
  mayBeginWith(file: OpenSegment): boolean {
    return this.#mark !== undefined && file.mayGrowTo(this.#mark)
  }
}
