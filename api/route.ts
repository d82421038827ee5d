import type { z } from 'zod'
import type { LiveRuns } from './live-runs.js'
import type { Metrics } from './metrics.js'
import type { StreamTimes } from './run-stream.js'
import type { LongReads } from '../src/query/long-reads.js'
import type { SidecarReader } from '../src/sidecar/sidecar-reader.js'
import type { RecordedRuns } from '../src/store/recorded-runs.js'

/** What the routes answer from. */
export interface ApiDependencies {
  readonly runs: RecordedRuns
  readonly reader: SidecarReader
  /** For questions that may look through many events. */
  readonly longReads: LongReads
  /** How long such a question may take, in milliseconds. */
  readonly queryLimitMs: number
  /** The runs that are followed. */
  readonly liveRuns: LiveRuns
  readonly streamTimes: StreamTimes
  /** How long who reads a stream may take nothing of it, in milliseconds. */
  readonly stallLimitMs: number
  /** This turnlog's version. */
  readonly version: string
  /** How following the files goes, where somebody does. */
  readonly followStatus: () => FollowStatus
  /** Aborts when the server begins to close: a stream that has no end of its own ends then. */
  readonly closing: AbortSignal
  readonly metrics: Metrics
  /** The routes as an OpenAPI document, a JSON text. */
  readonly openApi: string
}

/** How following the files goes. */
export interface FollowStatus {
  readonly following: boolean
  /** When the last pass ended, ISO 8601; null before the first. */
  readonly last_pass: string | null
  /** What went wrong in the last pass, if it did. */
  readonly problem: string | null
  /** Events that this process has read since it began. */
  readonly events_read: number
}

/** One endpoint, as data: what it takes, what it gives, and how it is made. */
export interface Route<P extends z.ZodObject = z.ZodObject, Q extends z.ZodObject = z.ZodObject> {
  /** In OpenAPI's spelling: `/simulations/{simulation_id}`. */
  readonly path: string
  readonly operationId: string
  readonly summary: string
  readonly parameters?: P
  readonly query: Q
  readonly response: z.ZodType
  /** What its answers are; JSON unless told otherwise. */
  readonly contentType?: string
  /** When it answers 404. */
  readonly notFound?: string
  /** Whether it reads the sidecar, and answers 503 where that cannot be done. */
  readonly readsSidecar: boolean
  /** It says nothing of any run: no token is needed. */
  readonly open?: true
  /** Its answers are of one moment, and not worth keeping. */
  readonly volatile?: true
  /** It belongs to a page for people, and is no part of the documented API. */
  readonly internal?: true
  /** @returns the body, in the content type of the route; a route without it only streams */
  readonly answer?: (
    request: RouteRequest<P, Q>,
    dependencies: ApiDependencies,
  ) => string | Promise<string>
  /** Another form of the answer, for who asks for its type. */
  readonly stream?: RouteStream<P, Q>
}

/** An answer that is sent while it is made, at the pace of who reads it. */
export interface RouteStream<P extends z.ZodObject, Q extends z.ZodObject> {
  readonly contentType: string
  /** It has no end of its own: it ends when the server begins to close, and its time is no figure. */
  readonly endless?: true
  /**
   * Makes the pieces, each asked for when there is room for it. What it throws before the
   * first one becomes a problem; later, it cuts the answer off.
   */
  readonly open: (
    request: RouteRequest<P, Q>,
    dependencies: ApiDependencies,
  ) => AsyncIterable<string>
}

/** A request that passed its schemas. */
export interface RouteRequest<P extends z.ZodObject, Q extends z.ZodObject> {
  readonly parameters: z.infer<P>
  readonly query: z.infer<Q>
  /** A header of the request, by its name in whatever case. */
  readonly header: (name: string) => string | undefined
  /** Aborts when nobody waits for the answer any more, or an endless one is to end. */
  readonly signal: AbortSignal
}

/** Keeps the types of a route's schemas for its `answer`. */
export function defineRoute<P extends z.ZodObject, Q extends z.ZodObject>(
  route: Route<P, Q>,
): Route<P, Q> {
  return route
}
