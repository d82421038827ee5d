import { TurnlogError } from '../src/errors.js'
import type { EventMatcher } from '../src/query/event-matcher.js'
import type { SidecarVersion } from '../src/query/sidecar-version.js'
import { ApiError } from './problem.js'
import { type FeedCursor, type FeedPlace, MOVED, type RunFeed } from './run-feed.js'
import { HEARTBEAT, spellMove, spellStart, type StreamPlace } from './server-sent-events.js'

/** How long a stream is silent for which reason, in milliseconds. */
export interface StreamTimes {
  /** Without anything to say. */
  readonly heartbeatMs: number
  /** With events that are not for this client, before it is moved on over them. */
  readonly moveMs: number
  /** While the event it stood behind is missing and no file of the run is being read; then the stream ends. */
  readonly missingMs: number
}

export const STREAM_TIMES: StreamTimes = { heartbeatMs: 15_000, moveMs: 1_000, missingMs: 10_000 }

/** What of a run is streamed, and until when. */
export interface StreamRequest {
  readonly from: 'now' | { readonly behind: StreamPlace }
  readonly matcher: EventMatcher
  readonly signal: AbortSignal
  readonly times: StreamTimes
}

/** So much text is sent at once, in characters; more only where a single event is longer. */
const PIECE_LENGTH = 64 * 1024

/**
 * The stream of a run, piece by piece as it is taken: nothing is made ready that
 * nobody takes. It ends with its signal, when the run is removed or the event it
 * stood behind is gone, and when the sidecar cannot be read: a client that connects
 * again with its place is told why.
 *
 * @throws TurnlogError SIMULATION_NOT_FOUND, EVENT_NOT_FOUND, or when the sidecar cannot
 *   be read; ApiError SIDECAR_UNAVAILABLE when the event may be there soon: all before
 *   the first piece
 */
export async function* streamRun(
  feed: RunFeed,
  request: StreamRequest,
): AsyncGenerator<string, void, undefined> {
  const place = await findStart(feed, request.from)
  yield spellStart(place.behind)
  try {
    yield* new RunStream(feed, request, place).pieces()
  } catch (error) {
    // The answer has begun: what is wrong is told to who asks again.
    if (!(error instanceof TurnlogError)) throw error
  }
}

async function findStart(feed: RunFeed, from: StreamRequest['from']): Promise<FeedPlace> {
  if (from === 'now') return feed.findEnd()
  const found = await feed.find(from.behind)
  if ('cursor' in found) return found
  const what = `event ${JSON.stringify(from.behind)} of simulation ${JSON.stringify(feed.name)}`
  if (found.isBeingRead) {
    const message = `the index has not come to ${what} yet, if there is one`
    throw new ApiError('SIDECAR_UNAVAILABLE', message, { headers: { 'Retry-After': '1' } })
  }
  throw new TurnlogError('EVENT_NOT_FOUND', {
    message: `there is no ${what} to go on behind`,
    hint: 'begin anew with from=beginning, or from=now',
  })
}

/** One client's way through a run. */
class RunStream {
  readonly #feed: RunFeed
  readonly #request: StreamRequest
  /** Undefined while its place is to be found again. */
  #cursor: FeedCursor | undefined
  #behind: StreamPlace
  #isEarlier: boolean
  /** The place the client knows, and since when nothing was sent. */
  #told: StreamPlace
  #silentSince = performance.now()
  /** How long its place is missing while no file of the run is being read; as of the last look. */
  #missing:
    { readonly ms: number; readonly lookedAt: number; readonly isBeingRead: boolean } | undefined

  constructor(feed: RunFeed, request: StreamRequest, { cursor, behind, isEarlier }: FeedPlace) {
    this.#feed = feed
    this.#request = request
    this.#cursor = cursor
    this.#behind = behind
    this.#isEarlier = isEarlier
    this.#told = behind
  }

  async *pieces(): AsyncGenerator<string, void, undefined> {
    const { signal } = this.#request
    while (!signal.aborted) {
      const cursor = this.#cursor
      const seen = cursor === undefined ? await this.#findAgain() : yield* this.#goOn(cursor)
      if (seen === 'gone') return
      const due = this.#duePiece()
      if (due !== undefined) yield this.#say(due)
      if (seen === undefined) await this.#feed.turn()
      else await this.#feed.changed(seen, { limitMs: this.#waitLimit(), signal })
    }
  }

  /** Sends what comes next. @returns the state of the sidecar that has no more */
  async *#goOn(cursor: FeedCursor): AsyncGenerator<string, SidecarVersion | undefined, undefined> {
    const { matcher } = this.#request
    const batch = await this.#feed.read(cursor, matcher.searches)
    if (batch === MOVED) {
      this.#cursor = undefined
      return undefined
    }
    // Others wait for the same batch.
    await this.#feed.turn()
    const matching = matcher.match(batch.events)
    let piece = ''
    for (const [index, event] of batch.events.entries()) {
      if (this.#isEarlier) {
        this.#isEarlier = event.eventId !== this.#behind
        continue
      }
      this.#behind = event.eventId
      if (matching[index] !== true) continue
      this.#told = event.eventId
      piece += event.frame
      if (piece.length < PIECE_LENGTH) continue
      yield this.#say(piece)
      piece = ''
    }
    if (piece !== '') yield this.#say(piece)
    this.#cursor = batch.next
    return batch.endOf
  }

  /** Finds the place again, where rows have other numbers. @returns `gone` when it is not there, nor will be */
  async #findAgain(): Promise<SidecarVersion | undefined | 'gone'> {
    const found = await this.#feed.find(this.#behind)
    if ('cursor' in found) {
      this.#cursor = found.cursor
      this.#isEarlier = found.isEarlier
      this.#missing = undefined
      return undefined
    }
    const { isBeingRead, version } = found
    const before = this.#missing
    const lookedAt = performance.now()
    // Whether the run grows does not matter: so does one that was written anew.
    const passedMs = before?.isBeingRead === false ? lookedAt - before.lookedAt : 0
    const ms = (before?.ms ?? 0) + passedMs
    this.#missing = { ms, lookedAt, isBeingRead }
    return !isBeingRead && ms > this.#request.times.missingMs ? 'gone' : version
  }

  #say(piece: string): string {
    this.#silentSince = performance.now()
    return piece
  }

  /** What is to be said now where nothing else is. */
  #duePiece(): string | undefined {
    if (this.#silenceLeft() > 0) return undefined
    if (this.#told === this.#behind) return HEARTBEAT
    this.#told = this.#behind
    return spellMove(this.#behind)
  }

  #waitLimit(): number {
    const { missingMs } = this.#request.times
    return this.#missing === undefined
      ? this.#silenceLeft()
      : Math.min(this.#silenceLeft(), missingMs)
  }

  /** How much longer nothing need be said, in milliseconds. */
  #silenceLeft(): number {
    const { heartbeatMs, moveMs } = this.#request.times
    const limit = this.#told === this.#behind ? heartbeatMs : moveMs
    return this.#silentSince + limit - performance.now()
  }
}
