import { chmodSync, linkSync, mkdirSync, mkdtempSync, renameSync, rmdirSync, rmSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { systemErrorCode, TurnlogError } from '../../src/errors.js'
import { unwritable } from './output-file.js'
import { exists, findPlace, type OutputPlace } from './output-place.js'

/** What links are refused with where the file system has none. */
const WITHOUT_LINKS: ReadonlySet<unknown> = new Set(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS'])

/** A file that waits for its name. */
interface Staged {
  readonly from: string
  readonly place: OutputPlace
}

/**
 * Files that appear under their names when all of them are whole, or not at all.
 * Until then they are in hidden directories beside where they belong, under names
 * that nobody takes for data.
 */
export class Staging {
  readonly #beside: string
  readonly #isForced: boolean
  readonly #link: typeof linkSync
  readonly #made: Made
  /** The hidden directories, by what they are in. */
  readonly #directories = new Map<string, string>()
  readonly #files: Staged[] = []

  /**
   * @param isForced whether files are replaced that are there
   * @param link makes a second name of a file
   * @throws TurnlogError OUTPUT_UNWRITABLE
   */
  constructor(beside: string, isForced: boolean, link = linkSync) {
    this.#beside = beside
    this.#isForced = isForced
    this.#link = link
    this.#made = makeDirectory(beside)
    try {
      this.#directoryIn(beside)
    } catch (error) {
      unmake(this.#made)
      throw error
    }
  }

  /**
   * Where a file is to be written until {@link publish} gives it its name.
   *
   * @throws TurnlogError OUTPUT_UNWRITABLE
   */
  add(place: OutputPlace): string {
    // A link may lead to another file system, and no rename does.
    const beside = place.path === place.name ? this.#beside : dirname(place.path)
    const from = join(this.#directoryIn(beside), `${this.#files.length}.partial`)
    this.#files.push({ from, place })
    return from
  }

  /**
   * Gives every file its name, and the permissions of the one it replaces. When it
   * throws, no new file has its name; one that was replaced by then stays replaced.
   *
   * @throws TurnlogError OUTPUT_EXISTS for what has appeared meanwhile, or OUTPUT_UNWRITABLE
   */
  publish(): void {
    const undo: (() => void)[] = []
    try {
      const files = this.#files.map(({ from, place }) => ({ from, place: this.#lookAgain(place) }))
      for (const { from, place } of files) {
        const made = makeDirectory(dirname(place.path))
        undo.push(() => {
          unmake(made)
        })
        this.#name(from, place)
        if (place.mode !== undefined) continue
        undo.push(() => {
          rmSync(place.path, { force: true })
        })
      }
    } catch (error) {
      for (const each of undo.reverse()) each()
      throw error
    }
  }

  /** Removes what has not been published; to be called however it ended. */
  close(): void {
    for (const directory of this.#directories.values()) {
      rmSync(directory, { recursive: true, force: true })
    }
    unmake(this.#made)
  }

  #directoryIn(beside: string): string {
    const known = this.#directories.get(beside)
    if (known !== undefined) return known
    try {
      const directory = mkdtempSync(join(beside, '.turnlog-export-'))
      this.#directories.set(beside, directory)
      return directory
    } catch (error) {
      throw unwritable(beside, error)
    }
  }

  #lookAgain({ name, path }: OutputPlace): OutputPlace {
    return { ...findPlace(path, this.#isForced), name }
  }

  #name(from: string, { name, path, mode }: OutputPlace): void {
    try {
      if (mode !== undefined) chmodSync(from, mode)
      if (this.#isForced) renameSync(from, path)
      else this.#nameAnew(from, path)
    } catch (error) {
      if (error instanceof TurnlogError) throw error
      throw systemErrorCode(error) === 'EEXIST' ? exists(name, error) : unwritable(name, error)
    }
  }

  /** Unlike a rename, a link never replaces what has appeared in this instant. */
  #nameAnew(from: string, path: string): void {
    try {
      this.#link(from, path)
    } catch (error) {
      if (!WITHOUT_LINKS.has(systemErrorCode(error))) throw error
      findPlace(path, false)
      renameSync(from, path)
      return
    }
    rmSync(from)
  }
}

/** A directory, and the topmost one that had to be made for it. */
export interface Made {
  readonly path: string
  readonly topmost: string | undefined
}

/** @throws TurnlogError OUTPUT_UNWRITABLE */
export function makeDirectory(path: string): Made {
  try {
    return { path: resolve(path), topmost: mkdirSync(path, { recursive: true }) }
  } catch (error) {
    throw unwritable(path, error)
  }
}

/** Removes what was made, as far as nobody put anything into it. */
export function unmake({ path, topmost }: Made): void {
  if (topmost === undefined) return
  try {
    for (let each = path; each.length >= resolve(topmost).length; each = dirname(each)) {
      rmdirSync(each)
    }
  } catch {
    // It is in use.
  }
}
