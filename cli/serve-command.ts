import type { Command } from 'commander'
import { InvalidArgumentError } from 'commander'
import { createApp } from '../api/app.js'
import { startServer } from '../api/server.js'
import { openSidecarForReading } from '../src/sidecar/open-sidecar.js'
import { SidecarReader } from '../src/sidecar/sidecar-reader.js'
import { SERVER_SETTINGS } from '../src/settings.js'
import { Follower, type FollowProblem } from './follower.js'
import { interruption } from './interruption.js'
import { addLocationOptions, locate, type Location, type LocationOptions } from './location.js'
import { type Output, writeLine } from './output.js'
import { readVersion } from './version.js'

interface ServeOptions extends LocationOptions {
  readonly host: string
  readonly port: number
  readonly follow: boolean
}

/** How long listening waits for the first look at the files, in milliseconds; it goes on behind. */
const FIRST_PASS_MS = 3_000

/** `turnlog serve`: answers over HTTP and keeps the sidecar up with the files. */
export function addServeCommand(program: Command, output: Output): void {
  const { host, port } = SERVER_SETTINGS
  addLocationOptions(
    program
      .command('serve')
      .summary('answer over HTTP, following the files')
      .description('Answers over HTTP and indexes what is written while it does.'),
  )
    .option(host.flag, host.help, host.default)
    .option(port.flag, port.help, parsePort, port.default)
    .option('--no-follow', 'serve the sidecar as it is, without indexing')
    .addHelpText(
      'after',
      `
Examples:
  $ turnlog serve --root output
  $ turnlog serve --root output --host 127.0.0.1 --port 9000
  $ turnlog serve --db runs.db --no-follow`,
    )
    .action(async (options: ServeOptions) => {
      const interrupted = interruption()
      const service = await startService(
        { ...locate(options), ...options, db: locate(options).db },
        output,
      )
      writeLine(output.out, `listening on ${service.url}`)
      await new Promise((resolve) => {
        interrupted.addEventListener('abort', resolve, { once: true })
      })
      await service.stop()
    })
}

/** What a running service is asked for. */
export interface ServiceOptions extends Location {
  readonly host: string
  readonly port: number
  readonly follow: boolean
}

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
 * @throws TurnlogError when the root or the sidecar is no good, or PORT_UNAVAILABLE
 */
export async function startService(options: ServiceOptions, output: Output): Promise<Service> {
  const follower = options.follow ? await startFollower(options, output) : undefined
  const reader = new SidecarReader(options.db)
  try {
    // Fails now, with a way out, rather than at the first request.
    if (follower === undefined) openSidecarForReading(options.db).close()
    const app = createApp({
      reader,
      version: readVersion(),
      followStatus: () =>
        follower?.status() ?? { following: false, last_pass: null, problem: null },
    })
    const server = await startServer(app, options)
    return {
      url: server.url,
      async stop() {
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

async function startFollower(location: Location, output: Output): Promise<Follower> {
  const follower = new Follower({ root: location.root, db: location.db }, (problem) => {
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

/** Reads a port off the command line. */
export function parsePort(text: string): number {
  const port = Number(text)
  if (/^\d+$/.test(text) && port <= 65535) return port
  throw new InvalidArgumentError('a port is a whole number from 0 to 65535.')
}
