import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { Agent, get, type IncomingMessage } from 'node:http'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

/** `watch` begins to watch for blocks, or begins anew; `report` asks for what was seen. */
export type ProbeRequest = 'watch' | 'report'

/** What is known of a process that serves. */
export interface ProbeReport {
  /** The longest that the thread which answers requests did nothing but one thing, in milliseconds. */
  readonly longestBlockMs: number
  /** Bytes of resident memory of the process, at the most. */
  readonly memory: number
  /** The same, at this moment. */
  readonly resident: number
}

const CLI = fileURLToPath(new URL('../cli/main.js', import.meta.url))
const PROBE = new URL('./serve-probe.js', import.meta.url).href
const LISTENING = /^listening on (.+)$/

/** `turnlog serve` in a process of its own, and one connection to it that is kept. */
export class ServeProcess {
  readonly #child: ChildProcess
  /** `http://HOST:PORT`. */
  readonly url: string
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 1 })

  private constructor(child: ChildProcess, url: string) {
    this.#child = child
    this.url = url
  }

  /**
   * Resolves when it listens.
   *
   * @throws Error when it ends before that; why is on stderr
   */
  static async start(root: string, db: string): Promise<ServeProcess> {
    const child = fork(CLI, ['serve', '--root', root, '--db', db, '--port', '0'], {
      execArgv: ['--import', PROBE],
      stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
    })
    if (child.stdout === null) throw new Error('turnlog serve has no stdout')
    for await (const line of createInterface(child.stdout)) {
      const url = LISTENING.exec(line)?.[1]
      if (url !== undefined) return new ServeProcess(child, url)
    }
    throw new Error('turnlog serve ended before it listened')
  }

  /**
   * Asks for a path; answers are read to their end.
   *
   * @throws Error when the answer is not 200
   */
  async get(path: string): Promise<string> {
    const request = get(this.url + path, { agent: this.#agent })
    const [response] = (await once(request, 'response')) as [IncomingMessage]
    const chunks: Buffer[] = []
    for await (const chunk of response) chunks.push(chunk as Buffer)
    const body = Buffer.concat(chunks).toString()
    if (response.statusCode === 200) return body
    throw new Error(`GET ${path}: ${response.statusCode} ${body}`)
  }

  /** Watches for blocks from now on. */
  watch(): void {
    this.#child.send('watch' satisfies ProbeRequest)
  }

  async report(): Promise<ProbeReport> {
    const answered = once(this.#child, 'message')
    this.#child.send('report' satisfies ProbeRequest)
    const [report] = (await answered) as [ProbeReport]
    return report
  }

  async stop(): Promise<void> {
    this.#agent.destroy()
    const exited = once(this.#child, 'exit')
    this.#child.kill('SIGTERM')
    await exited
  }
}
