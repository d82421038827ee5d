import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { onTestFinished } from 'vitest'

/** Answers one request, well or badly. */
export type Script = (request: IncomingMessage, response: ServerResponse) => void

/** A server that answers as a test says, for what a real one does only when it is in trouble. */
export class ScriptedServer {
  /** What it was asked, in order. */
  readonly requests: IncomingMessage[] = []
  readonly url: string

  private constructor(url: string) {
    this.url = url
  }

  /** Starts one for the running test: each script answers a request, the last one all others. */
  static async start(...scripts: readonly [Script, ...Script[]]): Promise<ScriptedServer> {
    const server = createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    onTestFinished(() => {
      server.close()
      server.closeAllConnections()
    })
    const { port } = server.address() as AddressInfo
    const scripted = new ScriptedServer(`http://127.0.0.1:${port}`)
    server.on('request', (request, response) => {
      const script = scripts[scripted.requests.length] ?? scripts.at(-1)
      scripted.requests.push(request)
      script?.(request, response)
    })
    return scripted
  }
}

/** Answers in full. */
export function answer(status: number, contentType: string, body: string): Script {
  return (_request, response) => {
    response.writeHead(status, { 'Content-Type': contentType }).end(body)
  }
}

/** Begins an answer, and what then becomes of it. */
export function begin(contentType: string, begun: string, then: 'end' | 'cut' | 'silence'): Script {
  return (_request, response) => {
    response.writeHead(200, { 'Content-Type': contentType })
    if (then === 'end') response.end(begun)
    else response.write(begun, () => then === 'cut' && response.destroy())
  }
}
