import {
  closeSync,
  fdatasyncSync,
  fstatSync,
  fsyncSync,
  linkSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readSync,
  renameSync,
  statSync,
  unlinkSync,
  writeSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { systemErrorCode } from '../errors.js'
import { ACTIVE_SEGMENT, isSegmentName, sealedSegmentName } from '../segment/segment-name.js'

const NEWLINE = 0x0a
/** What file systems without hard links answer to the wish for one. */
const NO_LINKS = new Set(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK'])

/** What a {@link SegmentWriter} takes from the world. */
export interface SegmentWriterOptions {
  readonly now?: () => Date
  readonly link?: (from: string, to: string) => void
}

interface OpenFile {
  readonly fd: number
  readonly device: number
  readonly inode: number
}

/**
 * Appends to a run's active segment and seals it. One writer per directory is
 * taken for granted: whoever makes one holds the directory's lock.
 */
export class SegmentWriter {
  readonly #directory: string
  readonly #path: string
  readonly #now: () => Date
  readonly #link: (from: string, to: string) => void
  #file: OpenFile | undefined
  #size = 0
  #isEntrySynced = false

  constructor(
    directory: string,
    { now = () => new Date(), link = linkSync }: SegmentWriterOptions = {},
  ) {
    this.#directory = directory
    this.#path = join(directory, ACTIVE_SEGMENT)
    this.#now = now
    this.#link = link
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
    this.#finishSealing()
    const fd = openSync(this.#path, 'a+')
    try {
      const { size, dev: device, ino: inode } = fstatSync(fd)
      const last = Buffer.alloc(1)
      const isTorn = size > 0 && readSync(fd, last, 0, 1, size - 1) === 1 && last[0] !== NEWLINE
      this.#size = isTorn ? size + writeSync(fd, '\n') : size
      this.#file = { fd, device, inode }
      this.#isEntrySynced = false
    } catch (error) {
      closeSync(fd)
      throw error
    }
  }

  /**
   * Whether the active segment is not the open file as it was left: moved,
   * deleted or cut short by somebody, or not open at all.
   */
  isDisplaced(): boolean {
    if (this.#file === undefined) return true
    const onDisk = statSync(this.#path, { throwIfNoEntry: false })
    if (onDisk?.ino !== this.#file.inode || onDisk.dev !== this.#file.device) return true
    return onDisk.isFile() && onDisk.size < this.#size
  }

  /** @returns how many of the bytes were written, which may be less than all */
  write(bytes: Uint8Array): number {
    const written = writeSync(this.#openFile().fd, bytes)
    this.#size += written
    return written
  }

  /** Seals the active segment under a name of its own and opens a new one. @returns that name */
  rotate(): string {
    this.close()
    const at = this.#now()
    let name = sealedSegmentName(at, 0)
    for (let attempt = 1; !this.#move(join(this.#directory, name)); attempt++) {
      name = sealedSegmentName(at, attempt)
    }
    this.open()
    return name
  }

  /** Brings everything written to the disk, and the file's name with it. */
  sync(): void {
    if (this.#file === undefined) return
    fdatasyncSync(this.#file.fd)
    if (this.#isEntrySynced) return
    syncDirectory(this.#directory)
    syncDirectory(dirname(this.#directory))
    this.#isEntrySynced = true
  }

  close(): void {
    if (this.#file === undefined) return
    const { fd } = this.#file
    // A close that fails has closed nevertheless: the number may be another file's by now.
    this.#file = undefined
    closeSync(fd)
  }

  #openFile(): OpenFile {
    if (this.#file === undefined) this.open()
    if (this.#file === undefined) throw new Error(`${this.#path} is not open`)
    return this.#file
  }

  /**
   * Gives the active segment another name, but never one that is taken: a link
   * cannot overwrite, as a rename would. @returns false when it is taken
   */
  #move(to: string): boolean {
    try {
      this.#link(this.#path, to)
    } catch (error) {
      const code = systemErrorCode(error) ?? ''
      if (code !== 'EEXIST' && !NO_LINKS.has(code)) throw error
      if (code === 'EEXIST' || lstatSync(to, { throwIfNoEntry: false }) !== undefined) return false
      renameSync(this.#path, to)
      return true
    }
    unlinkSync(this.#path)
    return true
  }

  /** Takes the old name from a segment whose sealing was cut off when it had both. */
  #finishSealing(): void {
    const active = lstatSync(this.#path, { throwIfNoEntry: false })
    if (active === undefined || !active.isFile() || active.nlink < 2) return
    const isSealed = readdirSync(this.#directory).some((name) => {
      if (name === ACTIVE_SEGMENT || !isSegmentName(name)) return false
      const other = lstatSync(join(this.#directory, name), { throwIfNoEntry: false })
      return other?.ino === active.ino && other.dev === active.dev
    })
    if (isSealed) unlinkSync(this.#path)
  }
}

function syncDirectory(path: string): void {
  // Windows neither allows this nor needs it.
  if (process.platform === 'win32') return
  const fd = openSync(path, 'r')
  try {
    fsyncSync(fd)
  } finally {
    closeSync(fd)
  }
}
