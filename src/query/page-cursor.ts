import { z } from 'zod'
import { TurnlogError } from '../errors.js'
import type { EventPosition } from '../event/event-order.js'
import type { TimestampMicros } from '../event/timestamp.js'

/** Which way a page goes. */
export type PageOrder = 'asc' | 'desc'

const cursorSchema = z.tuple([z.literal(1), z.enum(['asc', 'desc']), z.int(), z.string().min(1)])

/**
 * Spells a place in the order of events as an opaque token. It names the last
 * event given or looked at, not a row, so it stays right when events arrive and when the
 * sidecar is rebuilt.
 */
export function encodeCursor(order: PageOrder, last: EventPosition): string {
  const parts: z.infer<typeof cursorSchema> = [1, order, last.timestamp, last.eventId]
  return Buffer.from(JSON.stringify(parts)).toString('base64url')
}

/** Why a token is of no use. */
export interface CursorProblem {
  readonly problem: string
}

/** Reads a token back, if turnlog made it, and for this order. */
export function decodeCursor(token: string, order: PageOrder): EventPosition | CursorProblem {
  const parsed = cursorSchema.safeParse(parseJson(Buffer.from(token, 'base64url').toString()))
  if (!parsed.success) return { problem: 'was not made by turnlog' }
  const [, madeFor, timestamp, eventId] = parsed.data
  if (madeFor !== order) return { problem: `goes on in order=${madeFor}` }
  return { timestamp: timestamp as TimestampMicros, eventId }
}

/**
 * Reads a token back.
 *
 * @throws TurnlogError CURSOR_INVALID when it was not made by turnlog, or for the other order
 */
export function parseCursor(token: string, order: PageOrder): EventPosition {
  const position = decodeCursor(token, order)
  if (!('problem' in position)) return position
  throw new TurnlogError('CURSOR_INVALID', {
    message: `the cursor ${position.problem}`,
    hint: 'take next_cursor from the page before, with the same order and filters',
  })
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
