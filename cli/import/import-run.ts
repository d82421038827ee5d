import { statSync } from 'node:fs'
import { setImmediate as otherTurns } from 'node:timers/promises'
import type { IngestProgress } from '../../indexer/ingest-progress.js'
import { assertSimulationId } from '../../src/event/simulation-id.js'
import { type Judgement, LineChecker } from './line-checker.js'
import { assertCanBeMade, assertNoRun, NewRun } from './new-run.js'
import { type InputLine, readLines } from './read-lines.js'

/** How many refused lines a report shows; `refused` counts them all. */
export const MAX_REFUSALS_SHOWN = 100

/** What is imported, and where. */
export interface ImportRequest {
  readonly root: string
  /** Of the run that is made. */
  readonly simulationId: string
  /** Paths, or `-` for standard input. */
  readonly files: readonly string[]
  /** Bytes at which a segment is sealed. */
  readonly maxFileSize: number
  /** Whether one line that is no event is reason enough to write nothing. */
  readonly isStrict: boolean
  /** Whether lines are only looked at. */
  readonly isDryRun: boolean
  readonly signal: AbortSignal
  readonly onProgress?: (progress: IngestProgress) => void
}

/** A line that was not imported. */
export interface Refusal {
  readonly file: string
  readonly line: number
  /** Bytes from the start of the file. */
  readonly offset: number
  /** Bytes, without the newline. */
  readonly length: number
  readonly reason: string
}

/** What an import came to. */
export interface ImportReport {
  readonly simulation_id: string
  /** Whether the run is there now. */
  readonly written: boolean
  readonly events: number
  /** Lines left out since one that says the same came before. */
  readonly duplicates: number
  readonly blank_lines: number
  readonly refused: number
  /** In reading order; none where nothing was written. */
  readonly segments: readonly string[]
  /** Of the events, with their newlines. */
  readonly bytes: number
  /** The first {@link MAX_REFUSALS_SHOWN}. */
  readonly refusals: readonly Refusal[]
}

/**
 * Makes a run of lines from elsewhere, which are kept byte for byte. The run appears when
 * all of it is written, or not at all: not without a single event, and when it is to be
 * strict, not with a line that is refused.
 *
 * @throws TurnlogError SIMULATION_ID_INVALID, OUTPUT_EXISTS, WRITER_LOCKED, INPUT_UNREADABLE or
 *   OUTPUT_UNWRITABLE
 * @throws the signal's reason when it aborts
 */
export async function importRun(request: ImportRequest): Promise<ImportReport> {
  const { root, simulationId, files, isDryRun, isStrict, signal } = request
  assertSimulationId(simulationId)
  assertNoRun(root, simulationId)
  if (isDryRun) assertCanBeMade(root)
  const run = isDryRun ? undefined : new NewRun(root, simulationId, request.maxFileSize)
  const checker = new LineChecker(simulationId)
  const tally = new Tally()
  const totalBytes = sizeOf(files)
  try {
    for (const file of files) {
      const before = tally.read
      for await (const lines of readLines(file, signal)) {
        for (const line of lines) {
          const judgement = checker.check(file, line)
          tally.add(file, line, judgement, before)
          if (judgement.is === 'event') run?.append(judgement.bytes)
        }
        const { read: bytes, events } = tally
        if (totalBytes > 0) request.onProgress?.({ bytes, totalBytes, events })
        await otherTurns()
        signal.throwIfAborted()
      }
    }
    const isWanted = tally.events > 0 && !(isStrict && tally.refused > 0)
    const segments = isWanted ? (run?.publish() ?? []) : []
    return tally.report(simulationId, segments)
  } finally {
    checker.close()
    run?.close()
  }
}

/** Of all files; what is not known of is not counted. */
function sizeOf(files: readonly string[]): number {
  return files.reduce((sum, file) => {
    return sum + (statSync(file, { throwIfNoEntry: false })?.size ?? 0)
  }, 0)
}

/** Keeps account of what became of lines. */
class Tally {
  read = 0
  events = 0
  refused = 0
  #duplicates = 0
  #blank = 0
  #bytes = 0
  readonly #refusals: Refusal[] = []

  /** @param before bytes of the files before this one */
  add(file: string, line: InputLine, judgement: Judgement, before: number): void {
    const { number, offset, length } = line
    this.read = before + offset + length
    switch (judgement.is) {
      case 'event':
        this.events++
        this.#bytes += judgement.bytes.length + 1
        break
      case 'duplicate':
        this.#duplicates++
        break
      case 'blank':
        this.#blank++
        break
      case 'refused': {
        this.refused++
        const { reason } = judgement
        if (this.#refusals.length < MAX_REFUSALS_SHOWN) {
          this.#refusals.push({ file, line: number, offset, length, reason })
        }
      }
    }
  }

  report(simulationId: string, segments: readonly string[]): ImportReport {
    return {
      simulation_id: simulationId,
      written: segments.length > 0,
      events: this.events,
      duplicates: this.#duplicates,
      blank_lines: this.#blank,
      refused: this.refused,
      segments,
      bytes: this.#bytes,
      refusals: this.#refusals,
    }
  }
}
