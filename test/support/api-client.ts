import { type AppSettings, createApp } from '#api/app.js'
import { PROBLEM_CODES, type Problem, problemSchema } from '#api/problem.js'
import { STREAM_TIMES, type StreamTimes } from '#api/run-stream.js'
import { type ListenSettings, type RunningServer, startServer } from '#api/server.js'
import { defaultServerSettings } from '#src/settings.js'
import type { SidecarReader } from '#src/sidecar/sidecar-reader.js'
import { type Agent, type OutgoingHttpHeaders, request } from 'node:http'
import { type Logger, pino } from 'pino'
import { expect } from 'vitest'

/** What a server is told in tests: the defaults, and a free port. */
export const TEST_SETTINGS = { ...defaultServerSettings(), port: 0, tokens: [] }

/** How a server of a test differs from others. */
export interface ServeOptions {
  readonly settings?: Partial<AppSettings & ListenSettings>
  readonly version?: string
  readonly logger?: Logger
  readonly streamTimes?: Partial<StreamTimes>
}

/** The API over a sidecar, listening on a free port. */
export async function serve(
  reader: SidecarReader,
  options: ServeOptions = {},
): Promise<RunningServer> {
  const { settings = {}, version = '1.2.3-test', logger = pino({ level: 'silent' }) } = options
  const all = { ...TEST_SETTINGS, ...settings }
  const closing = new AbortController()
  const app = createApp({
    reader,
    version,
    closing: closing.signal,
    logger,
    settings: all,
    streamTimes: { ...STREAM_TIMES, ...options.streamTimes },
    followStatus: () => ({ following: false, last_pass: null, problem: null, events_read: 0 }),
  })
  const server = await startServer(app, all)
  return {
    url: server.url,
    close() {
      closing.abort()
      return server.close()
    },
  }
}

/** An answer in full; of a stream without end, what comes first. */
export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly text: string
}

/** Asks for a path exactly as it is spelled, which `fetch` does not; over a connection of its own unless told otherwise. */
export async function ask(
  url: string,
  path: string,
  method = 'GET',
  agent: Agent | false = false,
  headers: OutgoingHttpHeaders = {},
): Promise<Answer> {
  const { hostname, port } = new URL(url)
  return new Promise((resolve, reject) => {
    request({ hostname, port, path, method, agent, headers }, (response) => {
      const chunks: Buffer[] = []
      const answer = (): void => {
        const { statusCode: status = 0, headers } = response
        resolve({ status, headers, text: Buffer.concat(chunks).toString() })
      }
      const isEndless = response.headers['content-type']?.startsWith('text/event-stream') === true
      response.on('data', (chunk: Buffer) => {
        chunks.push(chunk)
        if (!isEndless) return
        answer()
        response.destroy()
      })
      response.on('error', reject)
      response.on('end', answer)
    })
      .on('error', reject)
      .end()
  })
}

/** Reads an answer that refuses, and holds it against what every one of them promises. */
export function parseProblem({ status, headers, text }: Answer): Problem {
  expect(headers['content-type']).toMatch(/^application\/problem\+json/)
  expect(headers['x-powered-by']).toBeUndefined()
  const problem = problemSchema.parse(JSON.parse(text))
  const { code, title } = problem
  expect(problem.status).toBe(status)
  expect(Object.entries(PROBLEM_CODES)).toContainEqual([code, { status, title }])
  expect(problem.detail).toBe(problem.message)
  expect(text).not.toMatch(/node_modules|\.js:\d/)
  return problem
}
