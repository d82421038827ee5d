import {
  closeSync,
  existsSync,
  fdatasyncSync,
  fstatSync,
  mkdirSync,
  openSync,
  readSync,
  renameSync,
  statSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import { ACTIVE_SEGMENT, sealedSegmentName } from '../segment/segment-name.js'

const NEWLINE = 0x0a

/**
 * Appends to a run's active segment and seals it. One writer per directory is
 * taken for granted: whoever makes one holds the directory's lock.
 */
export class SegmentWriter {
  readonly #directory: string
  readonly #path: string
  readonly #now: () => Date
  #fd: number | undefined
  #size = 0

  constructor(directory: string, now: () => Date = () => new Date()) {
    this.#directory = directory
    this.#path = join(directory, ACTIVE_SEGMENT)
    this.#now = now
  }

  /** Bytes the active segment has. */
  get size(): number {
    return this.#size
  }

  /**
   * Opens the active segment, making it and its directory as needed. A torn
   * tail, left by a crash, gets the newline it lacks.
   *
   * @throws the file system's error
   */
  open(): void {
    mkdirSync(this.#directory, { recursive: true })
    const fd = openSync(this.#path, 'a+')
    try {
      this.#size = fstatSync(fd).size
      const last = Buffer.alloc(1)
      if (this.#size > 0 && readSync(fd, last, 0, 1, this.#size - 1) === 1 && last[0] !== NEWLINE) {
        this.#size += writeSync(fd, '\n')
      }
      this.#fd = fd
    } catch (error) {
      closeSync(fd)
      throw error
    }
  }

  /** Whether the path leads to another file than the open one, or to none. */
  isDisplaced(): boolean {
    if (this.#fd === undefined) return true
    const onDisk = statSync(this.#path, { throwIfNoEntry: false })
    return onDisk?.ino !== fstatSync(this.#fd).ino
  }

  /** @returns how many of the bytes were written, which may be less than all */
  write(bytes: Uint8Array): number {
    if (this.#fd === undefined) this.open()
    const written = writeSync(this.#openFd(), bytes)
    this.#size += written
    return written
  }

  /** Seals the active segment under a name of its own and opens a new one. */
  rotate(): void {
    if (this.#fd !== undefined) this.close()
    renameSync(this.#path, this.#freeName())
    this.open()
  }

  /** Brings everything written to the disk. */
  sync(): void {
    if (this.#fd !== undefined) fdatasyncSync(this.#fd)
  }

  close(): void {
    if (this.#fd === undefined) return
    closeSync(this.#fd)
    this.#fd = undefined
  }

  #openFd(): number {
    if (this.#fd === undefined) throw new Error(`${this.#path} is not open`)
    return this.#fd
  }

  #freeName(): string {
    const at = this.#now()
    for (let attempt = 0; ; attempt++) {
      const path = join(this.#directory, sealedSegmentName(at, attempt))
      if (!existsSync(path)) return path
    }
  }
}
