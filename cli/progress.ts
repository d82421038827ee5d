import { SingleBar } from 'cli-progress'
import type { SearchProgress } from '../indexer/build-search-index.js'
import type { IngestProgress } from '../indexer/ingest-progress.js'
import { bytes, count, type TerminalStream, writeLine } from './output.js'

/** Shows how far something is. */
export interface ProgressDisplay<Progress> {
  readonly show: (progress: Progress) => void
  /** Takes the bar away; to be called however it ended. */
  readonly end: () => void
}

/** How often a line is written where there is no terminal, in milliseconds. */
const LINE_EVERY_MS = 10_000
const FORMAT = '{bar} {percentage}% of {size} | {events} | {rate} | {left}'

/** How a bar treats its terminal. */
interface BarManners {
  /** Whether the cursor stays as it is, for what Ctrl-C ends before it can tidy up. */
  readonly keepsTerminal?: boolean
}

/**
 * A bar with rate and time left on a terminal, else a plain line now and then.
 * Nothing at all is shown for what is over within a moment.
 *
 * @param now milliseconds
 */
export function showProgress(
  stream: TerminalStream,
  now: () => number = () => performance.now(),
  manners: BarManners = {},
): ProgressDisplay<IngestProgress> {
  return showShares(stream, now, manners, ({ bytes: done, totalBytes: total, events }) => {
    return { done, total, events, doneText: bytes(done), totalText: bytes(total) }
  })
}

/** {@link showProgress} for the full-text index. */
export function showSearchProgress(
  stream: TerminalStream,
  now: () => number = () => performance.now(),
): ProgressDisplay<SearchProgress> {
  return showShares(stream, now, {}, ({ events, totalEvents: total }) => {
    const totalText = `${count(total, 'event')} to be searched`
    return { done: events, total, events, doneText: 'full-text index', totalText }
  })
}

/** How far a walk through events is. */
export interface EventProgress {
  readonly events: number
  /** That there are at the most. */
  readonly totalEvents: number
}

/** A bar of events on a terminal; elsewhere nothing is shown. */
export function showEventProgress(
  stream: TerminalStream,
  now: () => number = () => performance.now(),
): ProgressDisplay<EventProgress> {
  if (stream.isTTY !== true) return { show: () => undefined, end: () => undefined }
  return showShares(stream, now, {}, ({ events, totalEvents: total }) => {
    const text = count(total, 'event')
    return { done: events, total, events, doneText: count(events, 'event'), totalText: text }
  })
}

/** What is told of an ingest, whose second part has a display of its own. */
export interface PhasesDisplay {
  readonly onProgress: (progress: IngestProgress) => void
  readonly onSearchProgress: (progress: SearchProgress) => void
  /** To be called however the ingest ended. */
  readonly end: () => void
}

/** Shows first how far reading is, then how far the full-text index. */
export function showPhases(stream: TerminalStream): PhasesDisplay {
  const ingest = showProgress(stream)
  let search: ProgressDisplay<SearchProgress> | undefined
  return {
    onProgress: ingest.show,
    onSearchProgress: (progress) => {
      ingest.end()
      search ??= showSearchProgress(stream)
      search.show(progress)
    },
    end: () => {
      ingest.end()
      search?.end()
    },
  }
}

/** A share of something, and the events that have come of it. */
interface Share {
  readonly done: number
  readonly total: number
  readonly events: number
  readonly doneText: string
  readonly totalText: string
}

function showShares<Progress>(
  stream: TerminalStream,
  now: () => number,
  manners: BarManners,
  shareOf: (progress: Progress) => Share,
): ProgressDisplay<Progress> {
  const { show, end } =
    stream.isTTY === true ? drawBar(stream, now, manners) : writeLines(stream, now)
  return {
    show: (progress) => {
      show(shareOf(progress))
    },
    end,
  }
}

/** What is over sooner needs no bar, in milliseconds. */
const PATIENCE_MS = 500

function drawBar(
  stream: TerminalStream,
  now: () => number,
  { keepsTerminal = false }: BarManners,
): ProgressDisplay<Share> {
  const startedAt = now()
  const bar = new SingleBar({
    stream,
    format: FORMAT,
    clearOnComplete: true,
    hideCursor: !keepsTerminal,
    linewrap: keepsTerminal,
  })
  let isDrawn = false
  return {
    show: (share) => {
      const elapsed = now() - startedAt
      if (elapsed < PATIENCE_MS) return
      const payload = {
        size: share.totalText,
        events: count(share.events, 'event'),
        rate: rateOf(share, elapsed),
        left: timeLeft(share, elapsed),
      }
      if (!isDrawn) bar.start(share.total, share.done, payload)
      isDrawn = true
      bar.setTotal(share.total)
      bar.update(share.done, payload)
    },
    end: () => {
      if (isDrawn) bar.stop()
      isDrawn = false
    },
  }
}

function writeLines(stream: TerminalStream, now: () => number): ProgressDisplay<Share> {
  const startedAt = now()
  let writtenAt = startedAt
  return {
    show: (share) => {
      if (now() - writtenAt < LINE_EVERY_MS) return
      writtenAt = now()
      const elapsed = writtenAt - startedAt
      const parts = [
        `${share.doneText} of ${share.totalText}`,
        count(share.events, 'event'),
        rateOf(share, elapsed),
        timeLeft(share, elapsed),
      ]
      writeLine(stream, parts.join(', '))
    },
    end: () => undefined,
  }
}

function rateOf({ events }: Share, elapsedMs: number): string {
  return `${count(Math.round((events / elapsedMs) * 1000), 'event')}/s`
}

function timeLeft({ done, total }: Share, elapsedMs: number): string {
  if (done === 0) return 'some time left'
  const seconds = Math.ceil(((elapsedMs / done) * (total - done)) / 1000)
  const minutes = Math.floor(seconds / 60)
  return minutes === 0 ? `${seconds} s left` : `${minutes} min ${seconds % 60} s left`
}
