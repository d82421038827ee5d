import {
  accessSync,
  constants,
  existsSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { systemErrorCode, TurnlogError } from '../../src/errors.js'
import { CONTROL_DIRECTORY } from '../../src/event/simulation-id.js'
import { ProcessLock } from '../../src/process-lock.js'
import { ACTIVE_SEGMENT } from '../../src/segment/segment-name.js'
import { WRITER_LOCK } from '../../src/writer/open-recording.js'
import { shouldRotate } from '../../src/writer/rotation-policy.js'
import { SegmentWriter } from '../../src/writer/segment-writer.js'
import { unwritable } from '../export/output-file.js'
import { type Made, makeDirectory, unmake } from '../export/staging.js'

/** Where a run is until all of it is there, each time another name that begins so, */
const STAGING_PREFIX = 'import-'
/** and what it is called there. */
const STAGED_RUN = 'run'
/** So much is held back before it is written. Bytes. */
const FLUSH_BYTES = 1024 * 1024
const NEWLINE = Buffer.from('\n')

/** Makes sure that a run can be made. @throws TurnlogError OUTPUT_EXISTS or WRITER_LOCKED */
export function assertNoRun(root: string, simulationId: string): void {
  const path = join(root, simulationId)
  if (!existsSync(path)) return
  if (existsSync(join(path, WRITER_LOCK))) {
    const lock = ProcessLock.tryAcquire(join(path, WRITER_LOCK))
    if (lock === undefined) {
      throw new TurnlogError('WRITER_LOCKED', {
        message: `import into ${path}: a writer is at work there`,
        hint: 'import under another name with --as',
      })
    }
    lock.release()
  }
  throw existing(path)
}

/** Makes sure that a root could be made, or written. @throws TurnlogError OUTPUT_UNWRITABLE */
export function assertCanBeMade(root: string): void {
  let nearest = root
  while (!existsSync(nearest) && dirname(nearest) !== nearest) nearest = dirname(nearest)
  try {
    readdirSync(nearest)
    accessSync(nearest, constants.W_OK | constants.X_OK)
  } catch (error) {
    throw unwritable(root, error)
  }
}

function existing(path: string, cause?: unknown): TurnlogError {
  return new TurnlogError('OUTPUT_EXISTS', {
    message: `import into ${path}: there is something already`,
    hint: 'import under another name with --as',
    cause,
  })
}

/**
 * The directory of a run that is not there until all of it is: until then it is in the
 * control directory, where nobody looks for runs.
 */
export class NewRun {
  readonly #path: string
  readonly #control: Made
  readonly #staging: string
  readonly #directory: string
  readonly #lock: ProcessLock
  readonly #writer: SegmentWriter
  readonly #maxFileSize: number
  readonly #segments: string[] = []
  #pending: Buffer[] = []
  #pendingBytes = 0
  #bytes = 0

  /** @throws TurnlogError OUTPUT_UNWRITABLE */
  constructor(root: string, simulationId: string, maxFileSize: number) {
    this.#path = join(root, simulationId)
    this.#maxFileSize = maxFileSize
    const control = join(root, CONTROL_DIRECTORY)
    this.#control = makeDirectory(control)
    try {
      this.#staging = mkdtempSync(join(control, STAGING_PREFIX))
    } catch (error) {
      unmake(this.#control)
      throw unwritable(control, error)
    }
    this.#directory = join(this.#staging, STAGED_RUN)
    this.#writer = new SegmentWriter(this.#directory)
    try {
      this.#writer.open()
      // Held until the run has its name: no writer can begin within it meanwhile.
      const lock = ProcessLock.tryAcquire(join(this.#directory, WRITER_LOCK))
      if (lock === undefined) throw new Error(`${this.#directory} is locked`)
      this.#lock = lock
    } catch (error) {
      this.#writer.close()
      this.#remove()
      throw unwritable(this.#path, error)
    }
  }

  /** Bytes of all segments. */
  get bytes(): number {
    return this.#bytes
  }

  /** Appends a line, and seals the segment before it when that is full. @throws TurnlogError OUTPUT_UNWRITABLE */
  append(line: Buffer): void {
    const size = this.#writer.size + this.#pendingBytes
    const length = line.length + NEWLINE.length
    if (shouldRotate(size, length, this.#maxFileSize)) {
      this.#flush()
      this.#segments.push(this.#attempt(() => this.#writer.rotate()))
    }
    this.#pending.push(line, NEWLINE)
    this.#pendingBytes += length
    this.#bytes += length
    if (this.#pendingBytes >= FLUSH_BYTES) this.#flush()
  }

  /**
   * Gives the run its name.
   *
   * @returns the names of its segments, in reading order
   * @throws TurnlogError OUTPUT_UNWRITABLE, or OUTPUT_EXISTS when somebody else made it meanwhile
   */
  publish(): readonly string[] {
    this.#flush()
    this.#attempt(() => {
      this.#writer.sync()
    })
    this.#writer.close()
    try {
      renameSync(this.#directory, this.#path)
    } catch (error) {
      const isTaken = ['ENOTEMPTY', 'EEXIST', 'ENOTDIR'].includes(systemErrorCode(error) ?? '')
      throw isTaken ? existing(this.#path, error) : unwritable(this.#path, error)
    }
    return [...this.#segments, ACTIVE_SEGMENT]
  }

  /** Removes what has not been published; to be called however it ended. */
  close(): void {
    this.#writer.close()
    this.#lock.release()
    this.#remove()
  }

  #flush(): void {
    const bytes = Buffer.concat(this.#pending)
    this.#pending = []
    this.#pendingBytes = 0
    this.#attempt(() => {
      for (let at = 0; at < bytes.length;) at += this.#writer.write(bytes.subarray(at))
    })
  }

  #attempt<T>(work: () => T): T {
    try {
      return work()
    } catch (error) {
      throw unwritable(this.#path, error)
    }
  }

  #remove(): void {
    rmSync(this.#staging, { recursive: true, force: true })
    unmake(this.#control)
  }
}

/** What imports that were killed have left below a root; none of those under way. */
export function findLeftImports(root: string): string[] {
  const control = join(root, CONTROL_DIRECTORY)
  if (!existsSync(control)) return []
  return readdirSync(control)
    .filter((name) => name.startsWith(STAGING_PREFIX))
    .map((name) => join(control, name))
    .filter((path) => !ProcessLock.isHeld(join(path, STAGED_RUN, WRITER_LOCK)))
}
