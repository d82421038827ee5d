import { closeSync, openSync, readdirSync, readSync } from 'node:fs'
import { join } from 'node:path'

const NEWLINE = 0x0a
const CHUNK_BYTES = 1024 * 1024

/** What is in the files of a directory. */
export interface LineCount {
  /** Those that end in a newline. */
  readonly lines: number
  readonly bytes: number
}

/** Counts the lines of all `.jsonl` files in a directory and those below it. */
export function countLines(directory: string): LineCount {
  let lines = 0
  let bytes = 0
  for (const name of readdirSync(directory, { encoding: 'utf8', recursive: true })) {
    if (!name.endsWith('.jsonl')) continue
    for (const chunk of readChunks(join(directory, name))) {
      bytes += chunk.length
      for (let at = chunk.indexOf(NEWLINE); at !== -1; at = chunk.indexOf(NEWLINE, at + 1)) lines++
    }
  }
  return { lines, bytes }
}

function* readChunks(file: string): Generator<Buffer> {
  const buffer = Buffer.allocUnsafe(CHUNK_BYTES)
  const fd = openSync(file, 'r')
  for (let read = readSync(fd, buffer); read > 0; read = readSync(fd, buffer)) {
    yield buffer.subarray(0, read)
  }
  closeSync(fd)
}
