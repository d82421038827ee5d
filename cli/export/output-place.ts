import { lstatSync, realpathSync, type Stats, statSync } from 'node:fs'
import { TurnlogError } from '../../src/errors.js'
import { unwritable } from './output-file.js'

/** Where a file is to appear. */
export interface OutputPlace {
  /** What errors call it: as it was given. */
  readonly name: string
  /** Of the file itself, behind any link that leads to it. */
  readonly path: string
  /** Permissions of the file that will be replaced; undefined where there is none. */
  readonly mode: number | undefined
}

/**
 * Looks at what is where a file is to appear. Nothing is fine; with force, a regular file
 * is too, and a link to one, which stands for it.
 *
 * @throws TurnlogError OUTPUT_EXISTS for anything else, or OUTPUT_UNWRITABLE
 */
export function findPlace(name: string, isForced: boolean): OutputPlace {
  try {
    const there = lstatSync(name, { throwIfNoEntry: false })
    if (there === undefined) return { name, path: name, mode: undefined }
    if (!isForced) throw exists(name)
    const meant = statSync(name, { throwIfNoEntry: false })
    if (meant?.isFile() !== true) throw irreplaceable(name, meant)
    const path = there.isSymbolicLink() ? realpathSync(name) : name
    return { name, path, mode: meant.mode & 0o777 }
  } catch (error) {
    if (error instanceof TurnlogError) throw error
    throw unwritable(name, error)
  }
}

/** The error for what is there and would have to be replaced. */
export function exists(name: string, cause?: unknown): TurnlogError {
  return new TurnlogError('OUTPUT_EXISTS', {
    message: `write ${name}: it is there already`,
    hint: 'give another --output, or --force to replace it',
    cause,
  })
}

function irreplaceable(name: string, there: Stats | undefined): TurnlogError {
  return new TurnlogError('OUTPUT_EXISTS', {
    message: `write ${name}: it is ${describe(there)}`,
    hint: 'give another --output; --force replaces regular files only',
  })
}

function describe(there: Stats | undefined): string {
  if (there === undefined) return 'a link that leads to nothing'
  if (there.isDirectory()) return 'a directory'
  if (there.isFIFO()) return 'a named pipe'
  if (there.isSocket()) return 'a socket'
  return 'a device'
}
