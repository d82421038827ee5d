import { randomUUID } from 'node:crypto'
import { createServer, type RequestListener, type Server, STATUS_CODES } from 'node:http'
import type { Duplex } from 'node:stream'
import { systemErrorCode, TurnlogError } from '../src/errors.js'
import type { ServerSettings } from '../src/settings.js'
import { spellHost } from './allowed-host.js'
import { ApiError, type ProblemCode, toProblem } from './problem.js'

/** Room for the headers beside a URL, in bytes. */
const MAX_HEADER_BYTES = 16 * 1024

/** How often Node looks for connections that are over time, in milliseconds. */
const TIMEOUT_CHECK_MS = 1_000

/** The settings a server obeys. */
export type ListenSettings = Pick<
  ServerSettings,
  | 'host'
  | 'port'
  | 'maxUrlBytes'
  | 'headersTimeout'
  | 'requestTimeout'
  | 'keepAliveTimeout'
  | 'shutdownTimeout'
>

/** A server that listens. */
export interface RunningServer {
  /** `http://HOST:PORT`. */
  readonly url: string
  /**
   * Takes no more requests and resolves when those under way are answered, or
   * were cut off since that took longer than `shutdownTimeout`.
   */
  close(): Promise<void>
}

/**
 * Listens on a host and port; port 0 takes a free one.
 *
 * @throws TurnlogError PORT_UNAVAILABLE
 */
export async function startServer(
  listener: RequestListener,
  settings: ListenSettings,
): Promise<RunningServer> {
  const server = createServer(
    {
      maxHeaderSize: settings.maxUrlBytes + MAX_HEADER_BYTES,
      headersTimeout: Math.min(settings.headersTimeout, settings.requestTimeout) * 1_000,
      requestTimeout: settings.requestTimeout * 1_000,
      keepAliveTimeout: settings.keepAliveTimeout * 1_000,
      connectionsCheckingInterval: TIMEOUT_CHECK_MS,
      // The listener refuses a request without a Host header, in the words of the API.
      requireHostHeader: false,
    },
    listener,
  )
  await listen(server, settings)
  let closing = false
  const answering = new WeakSet<Duplex>()
  server.on('request', ({ socket }, response) => {
    answering.add(socket)
    response.once('close', () => {
      answering.delete(socket)
      // A client that keeps its connection would keep a closing server waiting after its answer.
      if (closing) server.closeIdleConnections()
    })
  })
  // What a client expects beside 100-continue may be passed over: it is answered as any other.
  server.on('checkExpectation', (request, response) => {
    server.emit('request', request, response)
  })
  server.on('clientError', (error, socket) => {
    if (!socket.writable || answering.has(socket)) socket.destroy()
    else socket.end(refusalOf(error))
  })
  return {
    url: urlOf(server, settings.host),
    async close() {
      closing = true
      const closed = new Promise<void>((resolve) => {
        server.close(() => {
          resolve()
        })
      })
      server.closeIdleConnections()
      const limit = setTimeout(() => {
        server.closeAllConnections()
      }, settings.shutdownTimeout * 1_000)
      await closed
      clearTimeout(limit)
    },
  }
}

const PARSER_CODES: Partial<Record<string, ProblemCode>> = {
  HPE_HEADER_OVERFLOW: 'HEADERS_TOO_LARGE',
  ERR_HTTP_REQUEST_TIMEOUT: 'REQUEST_TIMEOUT',
}

const MESSAGES: Partial<Record<ProblemCode, string>> = {
  HEADERS_TOO_LARGE: 'the headers, with the path and its query, are too long',
  REQUEST_TIMEOUT: 'the request took too long to arrive',
}

/** The whole answer to bytes that never became a request, in the words of the API. */
function refusalOf(error: NodeJS.ErrnoException): string {
  const code = PARSER_CODES[error.code ?? ''] ?? 'MALFORMED_REQUEST'
  const problem = new ApiError(code, MESSAGES[code] ?? 'this is not an HTTP request')
  const requestId = randomUUID()
  const body = JSON.stringify(toProblem(problem, requestId))
  const head = [
    `HTTP/1.1 ${problem.status} ${STATUS_CODES[problem.status] ?? ''}`,
    'Content-Type: application/problem+json; charset=utf-8',
    `Content-Length: ${Buffer.byteLength(body)}`,
    `X-Request-Id: ${requestId}`,
    'Connection: close',
  ]
  return `${head.join('\r\n')}\r\n\r\n${body}`
}

async function listen(
  server: Server,
  { host, port }: Pick<ListenSettings, 'host' | 'port'>,
): Promise<void> {
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      server.listen(port, host, () => {
        server.off('error', reject)
        resolve()
      })
    })
  } catch (cause) {
    const reasons: Partial<Record<string, string>> = {
      EADDRINUSE: 'the port is in use',
      EADDRNOTAVAIL: 'this machine does not have that address',
      EACCES: 'permission denied',
      ENOTFOUND: 'the host is not known',
    }
    const code = systemErrorCode(cause) ?? String(cause)
    throw new TurnlogError('PORT_UNAVAILABLE', {
      message: `listen on ${host}:${port}: ${reasons[code] ?? code}`,
      hint: 'give another --port (0 takes a free one) or --host',
      cause,
    })
  }
}

function urlOf(server: Server, host: string): string {
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  return `http://${spellHost(host)}:${port}`
}
