import { pino } from 'pino'
import { createApp } from '../api/app.js'
import type { FollowStatus } from '../api/route.js'
import { startServer } from '../api/server.js'
import type { ServerSettings } from '../src/settings.js'
import { openSidecarForReading } from '../src/sidecar/open-sidecar.js'
import { SidecarReader } from '../src/sidecar/sidecar-reader.js'
import { Follower, type FollowProblem } from './follower.js'
import type { Location } from './location.js'
import { type Output, writeLine } from './output.js'
import { isOpenToAll, readTokens } from './tokens.js'
import { readVersion } from './version.js'

/** How long listening waits for the first look at the files, in milliseconds; it goes on behind. */
const FIRST_PASS_MS = 3_000

const NOT_FOLLOWING: FollowStatus = {
  following: false,
  last_pass: null,
  problem: null,
  events_read: 0,
}

/** What a running service is asked for. */
export interface ServiceOptions extends Location, ServerSettings {}

/** A server and, unless told otherwise, the follower that feeds it. */
export interface Service {
  /** `http://HOST:PORT`. */
  readonly url: string
  /** Ends requests under way, then following. */
  stop(): Promise<void>
}

/**
 * Starts following, then listening.
 *
 * @throws TurnlogError when the root, the sidecar or a setting is no good, or PORT_UNAVAILABLE
 */
export async function startService(options: ServiceOptions, output: Output): Promise<Service> {
  const tokens = readTokens(options)
  if (isOpenToAll(options, tokens)) {
    const warning = `turnlog: whoever reaches ${options.host} reads every run: there is no token`
    writeLine(output.err, warning)
  }
  const follower = options.follow ? await startFollower(options, output) : undefined
  const reader = new SidecarReader(options.db)
  const closing = new AbortController()
  try {
    // Fails now, with a way out, rather than at the first request.
    if (follower === undefined) openSidecarForReading(options.db).close()
    const app = createApp({
      reader,
      version: readVersion(),
      closing: closing.signal,
      logger: pino({ level: options.logLevel }, output.err),
      settings: { ...options, tokens },
      followStatus: () => follower?.status() ?? NOT_FOLLOWING,
    })
    const server = await startServer(app, options)
    return {
      url: server.url,
      async stop() {
        closing.abort()
        await server.close()
        await follower?.stop()
        await reader.close()
      },
    }
  } catch (error) {
    await follower?.stop()
    throw error
  }
}

async function startFollower(
  { root, db, search }: ServiceOptions,
  output: Output,
): Promise<Follower> {
  const follower = new Follower({ root, db, search }, (problem) => {
    describeProblem(problem, output)
  })
  const done = await follower.waitForFirstPass(FIRST_PASS_MS)
  if (!done)
    writeLine(output.err, 'still reading: answers are incomplete until /health shows no lag')
  return follower
}

function describeProblem({ message, hint }: FollowProblem, output: Output): void {
  writeLine(output.err, `turnlog: ${message}`)
  if (hint !== undefined) writeLine(output.err, `  ${hint}`)
}
