import { createReadStream } from 'node:fs'
import { addAbortSignal, pipeline, type Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { systemErrorCode, TurnlogError } from '../../src/errors.js'
import { MAX_LINE_BYTES } from '../../src/segment/block-reader.js'

/** A line of a file that is to be imported. */
export interface InputLine {
  /** From 1. */
  readonly number: number
  /** Bytes from the start of the file, unpacked where it is packed. */
  readonly offset: number
  /** Bytes, without the newline. */
  readonly length: number
  /** Without the newline; undefined where it is longer than any event may be. */
  readonly bytes: Buffer | undefined
}

/** The name that stands for standard input. */
export const STANDARD_INPUT = '-'

const NEWLINE = 0x0a
const BYTE_ORDER_MARK = Buffer.from('\ufeff')

/**
 * The lines of a file, as many at once as were read at once; the last one may lack its
 * newline. A byte order mark at the start is left out. A file named `*.gz` is unpacked.
 *
 * @throws TurnlogError INPUT_UNREADABLE
 * @throws the signal's reason when it aborts
 */
export async function* readLines(
  path: string,
  signal: AbortSignal,
): AsyncGenerator<readonly InputLine[]> {
  const splitter = new LineSplitter()
  try {
    for await (const chunk of openInput(path, signal) as AsyncIterable<Buffer>) {
      yield splitter.take(chunk)
    }
  } catch (cause) {
    signal.throwIfAborted()
    throw unreadable(path, cause)
  }
  yield splitter.end()
}

function openInput(path: string, signal: AbortSignal): Readable {
  const input = path === STANDARD_INPUT ? process.stdin : createReadStream(path)
  const unpacked = path.endsWith('.gz') ? pipeline(input, createGunzip(), () => undefined) : input
  return addAbortSignal(signal, unpacked)
}

function unreadable(path: string, cause: unknown): TurnlogError {
  const reasons: Partial<Record<string, string>> = {
    ENOENT: 'it does not exist',
    EISDIR: 'it is a directory',
    EACCES: 'permission denied',
  }
  const code = systemErrorCode(cause) ?? ''
  const why = reasons[code] ?? (cause instanceof Error ? cause.message : String(cause))
  return new TurnlogError('INPUT_UNREADABLE', {
    message: `read ${path}: ${why}`,
    hint: 'give files of JSON Lines, or - for standard input; nothing was written',
    cause,
  })
}

/** Cuts bytes at their newlines, however they arrive. */
class LineSplitter {
  /** What has arrived of the line under way; no more of it is kept than an event may have. */
  #parts: Buffer[] = []
  #length = 0
  #number = 1
  #offset = 0

  take(chunk: Buffer): InputLine[] {
    const lines: InputLine[] = []
    let start = 0
    for (;;) {
      const newline = chunk.indexOf(NEWLINE, start)
      if (newline === -1) break
      this.#add(chunk.subarray(start, newline))
      lines.push(this.#finish(1))
      start = newline + 1
    }
    this.#add(chunk.subarray(start))
    return lines
  }

  /** What stands behind the last newline. */
  end(): InputLine[] {
    return this.#length === 0 ? [] : [this.#finish(0)]
  }

  #add(part: Buffer): void {
    this.#length += part.length
    if (this.#length <= MAX_LINE_BYTES) this.#parts.push(part)
    else this.#parts = []
  }

  #finish(newlineBytes: number): InputLine {
    const length = this.#length
    const isLong = length > MAX_LINE_BYTES
    const bytes = isLong ? undefined : withoutMark(Buffer.concat(this.#parts), this.#offset)
    const line = { number: this.#number, offset: this.#offset, length, bytes }
    this.#parts = []
    this.#length = 0
    this.#number++
    this.#offset += length + newlineBytes
    return line
  }
}

function withoutMark(bytes: Buffer, offset: number): Buffer {
  const isMarked = offset === 0 && bytes.subarray(0, BYTE_ORDER_MARK.length).equals(BYTE_ORDER_MARK)
  return isMarked ? bytes.subarray(BYTE_ORDER_MARK.length) : bytes
}
