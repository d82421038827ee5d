import type { Writable } from 'node:stream'
import { TurnlogError } from '../src/errors.js'
import { printable } from './printable.js'

/** Where a command writes: results to `out`, everything else to `err`. */
export interface Output {
  readonly out: TerminalStream
  readonly err: TerminalStream
}

/** A stream that may be a terminal. */
export type TerminalStream = Writable & { readonly isTTY?: boolean; readonly columns?: number }

/** The process's own streams. */
export const processOutput: Output = { out: process.stdout, err: process.stderr }

/** Writes one line. */
export function writeLine(stream: Writable, line: string): void {
  stream.write(`${line}\n`)
}

/** Writes an error with its way out; the stack only of errors nobody foresaw. */
export function writeError(stream: Writable, error: unknown): void {
  if (error instanceof TurnlogError) {
    writeLine(stream, `turnlog: ${printable(error.message)}`)
    if (error.hint !== undefined) writeLine(stream, `  ${printable(error.hint)}`)
    return
  }
  writeLine(
    stream,
    `turnlog: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
  )
}

const counting = new Intl.NumberFormat('en-US')

/** A number as people read it: `2,041`. */
export function number(value: number): string {
  return counting.format(value)
}

/** A number of things: `1 event`, `2,041 events`. */
export function count(things: number, noun: string): string {
  return `${number(things)} ${noun}${things === 1 ? '' : 's'}`
}

/** Bytes as people read them: `845 kB`, `5.4 GB`. */
export function bytes(size: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB']
  let value = size
  let unit = 0
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000
    unit++
  }
  return `${value < 10 && unit > 0 ? value.toFixed(1) : Math.round(value)} ${units[unit] ?? ''}`
}
