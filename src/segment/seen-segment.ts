import type { ByteOffset } from './block-reader.js'
import type { FoundSegment } from './discovery.js'
import { prefixCrc, tailCrc } from './fingerprint.js'
import { findLineStart } from './line-start.js'

/** A segment, to whoever reads lines of it. */
export interface TailFile {
  /** When it was looked at last. */
  readonly name: string
}

/** How much of the beginning tells most files apart. Bytes. */
const HEAD_BYTES = 256

/** A file that may have been seen: however many it is held against, it is read little. */
export class OpenSegment {
  readonly fd: number
  /** Bytes. */
  readonly size: number
  readonly #headCrcs = new Map<number, number | undefined>()

  constructor(fd: number, size: number) {
    this.fd = fd
    this.size = size
  }

  /** CRC-32 of so many bytes at its start. */
  headCrc(length: number): number | undefined {
    if (!this.#headCrcs.has(length)) this.#headCrcs.set(length, prefixCrc(this.fd, length))
    return this.#headCrcs.get(length)
  }
}

/** How far a segment was read, and by what that is known again. */
export class SeenSegment implements TailFile {
  readonly device: number
  readonly inode: number
  #name: string
  #checkpoint: ByteOffset = 0
  /** Set where the checkpoint is the end of the last line before a place, and not known yet. */
  #isBefore: ByteOffset | undefined
  /** Of what stands at the start, and right before the checkpoint; undefined where that was not looked at. */
  #headCrc: number | undefined
  #tailCrc: number | undefined
  /** What it had when it was read to its end. Bytes, and the time of its last change. */
  #size: number | undefined
  #modifiedMs: number | undefined

  private constructor({ device, inode, name }: FoundSegment) {
    this.device = device
    this.inode = inode
    this.#name = name
  }

  /** One of which nothing was read. */
  static unread(found: FoundSegment): SeenSegment {
    return new SeenSegment(found)
  }

  /** One whose lines, as it was found, all count as read. */
  static read(found: FoundSegment): SeenSegment {
    const segment = new SeenSegment(found)
    segment.#isBefore = found.size
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

  rename(name: string): void {
    this.#name = name
  }

  /** The checkpoint, looked for where that was not done yet. @throws the file system's error */
  findEnd(fd: number): ByteOffset {
    if (this.#isBefore !== undefined) {
      this.goTo(findLineStart(fd, this.#isBefore))
      this.mark(fd)
    }
    return this.#checkpoint
  }

  /** Takes what stands before the checkpoint for what was read. @throws the file system's error */
  mark(fd: number): void {
    this.#headCrc = prefixCrc(fd, this.#headLength)
    this.#tailCrc = tailCrc(fd, this.#checkpoint)
  }

  get #headLength(): number {
    return Math.min(this.#checkpoint, HEAD_BYTES)
  }

  /** Sets the checkpoint. */
  goTo(checkpoint: ByteOffset): void {
    this.#checkpoint = checkpoint
    this.#isBefore = undefined
    this.#tailCrc = undefined
    this.#size = undefined
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

  /** Whether a file has, at its place, what was read of this. */
  goesOnIn({ fd, size }: OpenSegment): boolean {
    if (size < (this.#isBefore ?? this.#checkpoint)) return false
    return this.#tailCrc === undefined || tailCrc(fd, this.#checkpoint) === this.#tailCrc
  }

  /** {@link goesOnIn} for a file that may be any: that nothing was read says nothing. */
  isCopiedIn(file: OpenSegment): boolean {
    if (this.#checkpoint === 0 || this.#tailCrc === undefined) return false
    if (file.size < this.#checkpoint) return false
    return file.headCrc(this.#headLength) === this.#headCrc && this.goesOnIn(file)
  }
  /** Whether what was read of this may begin with a file, up to the end of a line of it. */
  mayBeginWith(file: OpenSegment, end: ByteOffset): boolean {
    if (this.#headCrc === undefined || end === 0 || end >= this.#checkpoint) return false
    const length = this.#headLength
    return length > end || file.headCrc(length) === this.#headCrc
  }
}
