import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import { createActionEvent } from '#src/event/builders.js'
import type { ActionEvent, TurnlogEvent } from '#src/event/event-schema.js'
import { compareSegmentNames } from '#src/segment/segment-name.js'
import type { ErrorCode } from '#src/errors.js'
import type { WriterStats } from '#src/writer/writer-stats.js'

/** An ACTION of the run `run`. */
export function action(turnNumber: number, note = ''): ActionEvent {
  return createActionEvent({
    simulationId: 'run',
    turnNumber,
    agentId: 'anna',
    actionType: 'trade',
    actionPayload: { note },
  })
}

/** The segments of a run, in reading order. */
export function segmentsOf(outputDir: string, run = 'run'): string[] {
  return readdirSync(join(outputDir, run))
    .filter((name) => name.endsWith('.jsonl'))
    .sort(compareSegmentNames)
}

/** Every line of a run, read back from all its segments; every line must be whole. */
export function linesOf(outputDir: string, run = 'run'): string[] {
  return segmentsOf(outputDir, run).flatMap((name) => {
    const lines = readFileSync(join(outputDir, run, name), 'utf8').split('\n')
    expect(lines.pop(), 'the last line has its newline').toBe('')
    return lines
  })
}

/** Every event of a run, read back from all its segments. */
export function recorded(outputDir: string, run = 'run'): TurnlogEvent[] {
  return linesOf(outputDir, run).map((line) => JSON.parse(line) as TurnlogEvent)
}

/** The account adds up, and says what is in the files. */
export function expectBalanced(stats: WriterStats, events?: readonly TurnlogEvent[]): void {
  const { emitted, written, filtered, dropped, queued } = stats
  expect(written + filtered + dropped + queued).toBe(emitted)
  if (events !== undefined)
    expect({ written, queued }).toEqual({ written: events.length, queued: 0 })
}

/** The SYSTEM events in which a log tells of its losses. */
export function losses(
  events: readonly TurnlogEvent[],
  errorType: string,
): Record<string, unknown>[] {
  return events.flatMap((event) =>
    event.event_type === 'SYSTEM' && event.details.error_type === errorType ? [event.details] : [],
  )
}

/** What an error must be like: its code, and a part of its message. */
export function turnlogError(code: ErrorCode, message: string): Error {
  return expect.objectContaining({
    code,
    message: expect.stringContaining(message) as string,
  }) as Error
}
