import { createServer, type RequestListener, type Server } from 'node:http'
import { systemErrorCode, TurnlogError } from '../src/errors.js'

/** Room for a filter on some thousands of agents; Node alone refuses a query of 16 kB. */
const MAX_HEADER_BYTES = 512 * 1024

/** A server that listens. */
export interface RunningServer {
  /** `http://HOST:PORT`. */
  readonly url: string
  /** Takes no more requests and resolves when those under way are answered. */
  close(): Promise<void>
}

/**
 * Listens on a host and port; port 0 takes a free one.
 *
 * @throws TurnlogError PORT_UNAVAILABLE
 */
export async function startServer(
  listener: RequestListener,
  { host, port }: { readonly host: string; readonly port: number },
): Promise<RunningServer> {
  const server = createServer({ maxHeaderSize: MAX_HEADER_BYTES }, listener)
  await listen(server, host, port)
  let closing = false
  server.on('request', (_request, response) => {
    // A client that keeps its connection would keep a closing server waiting after its answer.
    response.once('close', () => {
      if (closing) server.closeIdleConnections()
    })
  })
  return {
    url: urlOf(server, host),
    async close() {
      closing = true
      const closed = new Promise<void>((resolve) => {
        server.close(() => {
          resolve()
        })
      })
      server.closeIdleConnections()
      await closed
    },
  }
}

async function listen(server: Server, host: string, port: number): Promise<void> {
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
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`
}
