/**
 * Holds every writer that a test starts, itself or through a simulation, to its
 * account: it counts as emitted, filtered and dropped what it was asked to
 * record, and as written what its files have got.
 */
import { statSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, expect } from 'vitest'
import { EventWriter } from '#src/writer/event-writer.js'
import type { EmitResult, StopReport } from '#src/writer/writer-stats.js'
import { expectBalanced } from './writing.js'

interface Account {
  readonly writer: EventWriter
  readonly results: Record<EmitResult, number>
  linesBefore: number
  /** Lines of its own that the files had when it stopped, and what it said then. */
  stopped?: { readonly lines: number; readonly report: StopReport }
}

const accounts = new Map<EventWriter, Account>()
// eslint-disable-next-line @typescript-eslint/unbound-method -- they are called with their writer
const { start, emit, stop } = EventWriter.prototype

EventWriter.prototype.start = function (this: EventWriter) {
  const linesBefore = countLines(this.directory)
  start.call(this)
  const results = { accepted: 0, filtered: 0, dropped: 0 }
  if (!accounts.has(this)) accounts.set(this, { writer: this, results, linesBefore })
  return this
}

EventWriter.prototype.emit = function (this: EventWriter, event) {
  const result = emit.call(this, event)
  const account = accounts.get(this)
  if (account !== undefined && account.stopped === undefined) account.results[result]++
  return result
}

EventWriter.prototype.stop = async function (this: EventWriter, options) {
  const report = await stop.call(this, options)
  const account = accounts.get(this)
  if (account !== undefined) {
    account.stopped ??= { lines: countLines(this.directory) - account.linesBefore, report }
  }
  return report
}

/** For a test that itself takes away of what this writer wrote. */
export function leaveFilesAside(writer: EventWriter): void {
  const account = accounts.get(writer)
  expect(account, 'the writer was started').toBeDefined()
  if (account !== undefined) account.linesBefore = NaN
}

afterEach(() => {
  const all = [...accounts.values()]
  accounts.clear()
  for (const account of all) expectAccounted(account)
})

function expectAccounted({ writer, results, stopped }: Account): void {
  expectBalanced(writer.stats())
  if (stopped === undefined) return
  const { lines, report } = stopped
  const { emitted, written, filtered, dropped, writeErrors } = report.stats
  expect({ filtered, dropped: dropped - report.unwritten }).toEqual({
    filtered: results.filtered,
    dropped: results.dropped,
  })
  // What it says of losses are events of its own.
  const handedIn = results.accepted + results.filtered + results.dropped
  if (dropped === 0 && writeErrors === 0) expect(emitted).toBe(handedIn)
  else expect(emitted).toBeGreaterThanOrEqual(handedIn)
  if (report.complete && !Number.isNaN(lines)) expect(lines).toBe(written)
}

/** @returns NaN where they are in something that is no file, and so cannot be counted */
function countLines(directory: string): number {
  try {
    const names = readdirSync(directory).filter((name) => name.endsWith('.jsonl'))
    const paths = names.map((name) => join(directory, name))
    // A segment has two names for a moment when it is sealed.
    const files = new Map(paths.map((path) => [statSync(path).ino, path]))
    return [...files.values()].reduce((sum, path) => sum + linesOf(path), 0)
  } catch {
    return 0
  }
}

function linesOf(path: string): number {
  if (!statSync(path).isFile()) return NaN
  return readFileSync(path, 'utf8')
    .split('\n')
    .filter((line) => line !== '').length
}
