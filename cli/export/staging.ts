import { lstatSync, mkdirSync, mkdtempSync, renameSync, rmdirSync, rmSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { TurnlogError } from '../../src/errors.js'
import { unwritable } from './output-file.js'

/**
 * Files that appear under their names when all of them are whole, or not at all.
 * Until then they are in a hidden directory beside where they belong, under names
 * that nobody takes for data.
 */
export class Staging {
  readonly #directory: string
  readonly #made: Made
  readonly #files: { readonly from: string; readonly to: string }[] = []

  /** @throws TurnlogError OUTPUT_UNWRITABLE */
  constructor(beside: string) {
    this.#made = makeDirectory(beside)
    try {
      this.#directory = mkdtempSync(join(beside, '.turnlog-export-'))
    } catch (error) {
      unmake(this.#made)
      throw unwritable(beside, error)
    }
  }

  /** Where a file is to be written until {@link publish} gives it its name. */
  add(to: string): string {
    const from = join(this.#directory, `${this.#files.length}.partial`)
    this.#files.push({ from, to })
    return from
  }

  /**
   * Gives every file its name.
   *
   * @throws TurnlogError OUTPUT_UNWRITABLE; files that had theirs by then keep it
   */
  publish(): void {
    for (const { from, to } of this.#files) {
      const made = makeDirectory(dirname(to))
      try {
        renameSync(from, to)
      } catch (error) {
        unmake(made)
        throw unwritable(to, error)
      }
    }
  }

  /** Removes what has not been published; to be called however it ended. */
  close(): void {
    rmSync(this.#directory, { recursive: true, force: true })
    unmake(this.#made)
  }
}

/** @throws TurnlogError OUTPUT_EXISTS naming a path at which there is something, or OUTPUT_UNWRITABLE */
export function assertFree(paths: readonly string[]): void {
  for (const path of paths) {
    if (!isThere(path)) continue
    throw new TurnlogError('OUTPUT_EXISTS', {
      message: `write ${path}: it is there already`,
      hint: 'give another --output, or --force to replace it',
    })
  }
}

function isThere(path: string): boolean {
  try {
    return lstatSync(path, { throwIfNoEntry: false }) !== undefined
  } catch (error) {
    throw unwritable(path, error)
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
