import { SingleBar } from 'cli-progress'
import type { IngestProgress } from '../indexer/ingest-progress.js'
import { bytes, count, type TerminalStream, writeLine } from './output.js'

/** Shows how far an ingest is. */
export interface ProgressDisplay {
  readonly show: (progress: IngestProgress) => void
  /** Takes the bar away; to be called however the ingest ended. */
  readonly end: () => void
}

/** How often a line is written where there is no terminal, in milliseconds. */
const LINE_EVERY_MS = 10_000
const FORMAT = '{bar} {percentage}% of {size} | {events} | {rate} | {left}'

/**
 * A bar with rate and time left on a terminal, else a plain line now and then.
 * Nothing at all is shown for what is over within a moment.
 *
 * @param now milliseconds
 */
export function showProgress(
  stream: TerminalStream,
  now: () => number = () => performance.now(),
): ProgressDisplay {
  return stream.isTTY === true ? drawBar(stream, now) : writeLines(stream, now)
}

/** What is over sooner needs no bar, in milliseconds. */
const PATIENCE_MS = 500

function drawBar(stream: TerminalStream, now: () => number): ProgressDisplay {
  const startedAt = now()
  const bar = new SingleBar({
    stream,
    format: FORMAT,
    clearOnComplete: true,
    hideCursor: true,
  })
  let isDrawn = false
  return {
    show: (progress) => {
      const elapsed = now() - startedAt
      if (elapsed < PATIENCE_MS) return
      const payload = {
        size: bytes(progress.totalBytes),
        events: count(progress.events, 'event'),
        rate: rateOf(progress, elapsed),
        left: timeLeft(progress, elapsed),
      }
      if (!isDrawn) bar.start(progress.totalBytes, progress.bytes, payload)
      isDrawn = true
      bar.setTotal(progress.totalBytes)
      bar.update(progress.bytes, payload)
    },
    end: () => {
      if (isDrawn) bar.stop()
    },
  }
}

function writeLines(stream: TerminalStream, now: () => number): ProgressDisplay {
  const startedAt = now()
  let writtenAt = startedAt
  return {
    show: (progress) => {
      if (now() - writtenAt < LINE_EVERY_MS) return
      writtenAt = now()
      const elapsed = writtenAt - startedAt
      const { bytes: done, totalBytes: total, events } = progress
      const rate = rateOf(progress, elapsed)
      writeLine(
        stream,
        `${bytes(done)} of ${bytes(total)}, ${count(events, 'event')}, ${rate}, ${timeLeft(progress, elapsed)}`,
      )
    },
    end: () => undefined,
  }
}

function rateOf({ events }: IngestProgress, elapsedMs: number): string {
  return `${count(Math.round((events / elapsedMs) * 1000), 'event')}/s`
}

function timeLeft({ bytes: done, totalBytes }: IngestProgress, elapsedMs: number): string {
  if (done === 0) return 'some time left'
  const seconds = Math.ceil(((elapsedMs / done) * (totalBytes - done)) / 1000)
  const minutes = Math.floor(seconds / 60)
  return minutes === 0 ? `${seconds} s left` : `${minutes} min ${seconds % 60} s left`
}
