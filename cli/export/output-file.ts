import { closeSync, fsyncSync, openSync, writeSync } from 'node:fs'
import { systemErrorCode, TurnlogError } from '../../src/errors.js'

/** What the system's words mean to who reads them. */
const REASONS: Partial<Record<string, string>> = {
  EACCES: 'permission denied',
  EDQUOT: 'the disk quota is used up',
  EFBIG: 'the file would be larger than the system allows',
  EISDIR: 'it is a directory',
  ELOOP: 'its links lead in a circle',
  ENAMETOOLONG: 'the name is too long for the file system',
  ENOENT: 'its directory does not exist',
  ENOSPC: 'the disk is full',
  ENOTDIR: 'a part of its path is no directory',
  EROFS: 'the file system is read-only',
}

/** The error for what cannot be made or written. */
export function unwritable(path: string, cause: unknown): TurnlogError {
  const code = systemErrorCode(cause)
  if (code === undefined) throw cause
  return new TurnlogError('OUTPUT_UNWRITABLE', {
    message: `write ${path}: ${REASONS[code] ?? code}`,
    hint: 'check its permissions and that the disk has room; nothing half done is left behind',
    cause,
  })
}

/** A new file that is written from its beginning to its end. */
export class OutputFile {
  readonly #path: string
  #fd: number | undefined
  #bytes = 0

  /**
   * @param path where nothing is yet
   * @param name what errors call it
   * @throws TurnlogError OUTPUT_UNWRITABLE
   */
  constructor(path: string, name: string) {
    this.#path = name
    this.#fd = this.#attempt(() => openSync(path, 'wx'))
  }

  /** Written so far. */
  get bytes(): number {
    return this.#bytes
  }

  /** @throws TurnlogError OUTPUT_UNWRITABLE */
  write(data: string | Uint8Array): void {
    const fd = this.#fd
    if (fd === undefined) throw new Error(`${this.#path} is closed`)
    const bytes = typeof data === 'string' ? Buffer.from(data) : data
    this.#attempt(() => {
      let written = 0
      while (written < bytes.length) written += writeSync(fd, bytes, written)
    })
    this.#bytes += bytes.length
  }

  /** Ends the file and brings it to the disk. @throws TurnlogError OUTPUT_UNWRITABLE */
  finish(): void {
    const fd = this.#fd
    if (fd !== undefined)
      this.#attempt(() => {
        fsyncSync(fd)
      })
    this.close()
  }

  /** Closes the file, however far it is. Calling it again does nothing. */
  close(): void {
    const fd = this.#fd
    this.#fd = undefined
    if (fd !== undefined) closeSync(fd)
  }

  #attempt<T>(work: () => T): T {
    try {
      return work()
    } catch (error) {
      throw unwritable(this.#path, error)
    }
  }
}
