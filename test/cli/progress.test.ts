import { PassThrough } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { showPhases, showProgress, showSearchProgress } from '#cli/progress.js'

const GB = 1e9

/** A stream that is a terminal or not, and what was written to it. */
function stream(isTTY: boolean) {
  const terminal = {
    isTTY,
    columns: 100,
    cursorTo: () => true,
    clearLine: () => true,
    moveCursor: () => true,
  }
  const written = new PassThrough()
  return {
    stream: Object.assign(written, isTTY ? terminal : {}),
    text: () => String(written.read() ?? ''),
  }
}

describe('the progress of an ingest', () => {
  it('is a bar with rate and time left on a terminal', () => {
    let now = 0
    const { stream: terminal, text } = stream(true)
    const progress = showProgress(terminal, () => now)
    now = 1_000
    progress.show({ bytes: 0.25 * GB, totalBytes: GB, events: 100_000 })
    progress.end()
    expect(text()).toMatch(/25% of 1.0 GB \| 100,000 events \| 100,000 events\/s \| 3 s left/)
  })

  it('is not shown for what is over in a moment', () => {
    let now = 0
    const { stream: terminal, text } = stream(true)
    const progress = showProgress(terminal, () => now)
    now = 100
    progress.show({ bytes: GB, totalBytes: GB, events: 10 })
    progress.end()
    expect(text()).toBe('')
  })

  it('is one of events for the full-text index', () => {
    let now = 0
    const { stream: terminal, text } = stream(true)
    const progress = showSearchProgress(terminal, () => now)
    now = 2_000
    progress.show({ events: 50_000, totalEvents: 200_000 })
    progress.end()
    expect(text()).toMatch(
      /25% of 200,000 events to be searched \| 50,000 events \| 25,000 events\/s \| 6 s left/,
    )
  })

  it('shows nothing of two phases that are over in a moment', () => {
    const { stream: terminal, text } = stream(true)
    const { onProgress, onSearchProgress, end } = showPhases(terminal)
    onProgress({ bytes: 1, totalBytes: 1, events: 1 })
    onSearchProgress({ events: 0, totalEvents: 1 })
    onSearchProgress({ events: 1, totalEvents: 1 })
    end()
    expect(text()).toBe('')
  })

  it('is a plain line now and then where there is no terminal', () => {
    let now = 0
    const { stream: pipe, text } = stream(false)
    const progress = showProgress(pipe, () => now)
    for (now = 1_000; now <= 25_000; now += 1_000) {
      progress.show({ bytes: now * 1e4, totalBytes: GB, events: now * 100 })
    }
    progress.end()
    expect(text()).toBe(
      '100 MB of 1.0 GB, 1,000,000 events, 100,000 events/s, 1 min 30 s left\n' +
        '200 MB of 1.0 GB, 2,000,000 events, 100,000 events/s, 1 min 20 s left\n',
    )
  })
})
