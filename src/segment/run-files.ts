import { closeSync, fstatSync, openSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { systemErrorCode } from '../errors.js'
import {
  type DiscoveryProblem,
  type FoundSegment,
  listSegments,
  StaleListingError,
} from './discovery.js'

/** What a file is known by, whatever its name; another file may have it once this one is deleted. */
export type FileIdentity = Pick<FoundSegment, 'device' | 'inode'>

/** Whether two are, as far as the file system can tell, one file. */
export function isSameFile(a: FileIdentity, b: FileIdentity): boolean {
  return a.inode === b.inode && a.device === b.device
}

/** So often a run that changes each time it is listed is listed anew at first. */
const FIRST_LISTINGS = 50

/** The segments of a run, for who looks at them again and again: what cannot be read is told once. */
export class RunFiles {
  readonly directory: string
  readonly #root: string
  readonly #simulation: string
  readonly #onTrouble: (trouble: DiscoveryProblem) => void
  /** By path, what was told last. */
  readonly #told = new Map<string, string>()
  /** Whether something changed under the last look, so that the next one finds more than is new since. */
  isBehind = false

  constructor(root: string, simulation: string, onTrouble: (trouble: DiscoveryProblem) => void) {
    this.directory = join(root, simulation)
    this.#root = root
    this.#simulation = simulation
    this.#onTrouble = onTrouble
  }

  /** @throws the file system's error, or StaleListingError when the run changes all the time */
  listNow(): FoundSegment[] {
    for (let listing = 1; ; listing++) {
      try {
        return listSegments(this.#root, this.#simulation)
      } catch (error) {
        if (!(error instanceof StaleListingError) || listing === FIRST_LISTINGS) throw error
      }
    }
  }

  /** Undefined while the run cannot be listed, or changes too fast. */
  list(): FoundSegment[] | undefined {
    try {
      const found = listSegments(this.#root, this.#simulation)
      this.#told.delete(this.directory)
      return found
    } catch (error) {
      if (error instanceof StaleListingError) this.isBehind = true
      else this.#tell(this.directory, error)
      return undefined
    }
  }

  /** When something was put into the directory or taken out of it; undefined where there is none. */
  modifiedMs(): number | undefined {
    try {
      return statSync(this.directory).mtimeMs
    } catch {
      // Listing it says why.
      return undefined
    }
  }

  /**
   * Opens a listed segment for as long as `use` runs.
   *
   * @returns whether it was opened: not where it cannot be read, or another file has its name by now
   */
  *open<T>(file: FoundSegment, use: (fd: number) => Generator<T>): Generator<T, boolean> {
    const fd = this.keepOpen(file)
    if (fd === undefined) return false
    try {
      yield* use(fd)
      return true
    } finally {
      closeSync(fd)
    }
  }

  /** Opens a listed segment; to be closed by whoever opened it. Undefined where {@link open} opens none. */
  keepOpen(file: FoundSegment): number | undefined {
    try {
      const fd = openSync(file.path, 'r')
      this.#told.delete(file.path)
      const { dev: device, ino: inode } = fstatSync(fd)
      if (isSameFile(file, { device, inode })) return fd
      closeSync(fd)
      this.isBehind = true
    } catch (error) {
      if (systemErrorCode(error) === 'ENOENT') this.isBehind = true
      else this.#tell(file.path, error)
    }
    return undefined
  }

  #tell(path: string, error: unknown): void {
    const code = systemErrorCode(error)
    if (code === undefined) throw error
    if (this.#told.get(path) === code) return
    this.#told.set(path, code)
    this.#onTrouble({ path, message: `cannot be read (${code})` })
  }
}
