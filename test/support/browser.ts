import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Writable, Readable } from 'node:stream'
import { pathToFileURL } from 'node:url'
import { eventually } from './eventually.js'

interface Message {
  readonly id?: number
  readonly method?: string
  readonly params?: Readonly<Record<string, unknown>>
  readonly result?: Readonly<Record<string, unknown>>
  readonly error?: { readonly message: string }
}

const FLAGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-dev-shm-usage',
  '--no-first-run',
  '--remote-debugging-pipe',
]

/** Chromium, spoken to over a pipe in its DevTools protocol: one page at a time. */
export class Browser {
  readonly #child: ChildProcess
  readonly #profile: string
  readonly #toBrowser: Writable
  readonly #waiting = new Map<number, (message: Message) => void>()
  #session: string | undefined
  #lastId = 0
  /** What the page wrote to its console, what it threw, and what its policy refused. */
  readonly complaints: string[] = []
  /** What the page asked the network for. */
  readonly requests: string[] = []

  private constructor(child: ChildProcess, profile: string) {
    this.#child = child
    this.#profile = profile
    const [, , , toBrowser, fromBrowser] = child.stdio
    if (!(toBrowser instanceof Writable) || !(fromBrowser instanceof Readable)) {
      throw new Error('chromium has no pipes')
    }
    this.#toBrowser = toBrowser
    let pending = ''
    fromBrowser.setEncoding('utf8').on('data', (chunk: string) => {
      const texts = (pending + chunk).split('\0')
      pending = texts.pop() ?? ''
      for (const text of texts) this.#hear(JSON.parse(text) as Message)
    })
  }

  /** @throws Error where Chromium is not installed: a page that is not looked at is not tested */
  static async start(): Promise<Browser> {
    const profile = mkdtempSync(join(tmpdir(), 'turnlog-browser-'))
    const child = spawn('chromium', [...FLAGS, `--user-data-dir=${profile}`], {
      stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'],
    })
    await once(child, 'spawn')
    const browser = new Browser(child, profile)
    const { targetId } = await browser.#send('Target.createTarget', { url: 'about:blank' })
    const { sessionId } = await browser.#send('Target.attachToTarget', { targetId, flatten: true })
    browser.#session = String(sessionId)
    for (const domain of ['Page', 'Runtime', 'Log', 'Network']) {
      await browser.#send(`${domain}.enable`)
    }
    return browser
  }

  /** Opens a file and waits until its script has shown something. */
  async open(path: string, hash = ''): Promise<void> {
    await this.#send('Page.navigate', { url: 'about:blank' })
    this.complaints.length = 0
    this.requests.length = 0
    await this.#send('Page.navigate', { url: `${pathToFileURL(path).href}${hash}` })
    await eventually(async () => {
      if ((await this.evaluate('document.documentElement.dataset.ready')) !== 'true') {
        throw new Error(`the page is not ready: ${this.complaints.join('; ')}`)
      }
    })
  }

  /** Gives the window another size, in CSS pixels. */
  async resize(width: number, height: number): Promise<void> {
    const size = { width, height, deviceScaleFactor: 1, mobile: false }
    await this.#send('Emulation.setDeviceMetricsOverride', size)
  }

  /** The value of an expression in the page. */
  async evaluate(expression: string): Promise<unknown> {
    const options = { expression, returnByValue: true, awaitPromise: true }
    const { result, exceptionDetails } = await this.#send('Runtime.evaluate', options)
    if (exceptionDetails !== undefined) throw new Error(JSON.stringify(exceptionDetails))
    return (result as { readonly value?: unknown }).value
  }

  /** The texts of all elements that a selector finds. */
  async texts(selector: string): Promise<string[]> {
    const found = `[...document.querySelectorAll(${JSON.stringify(selector)})]`
    return (await this.evaluate(`${found}.map((each) => each.textContent)`)) as string[]
  }

  /** Clicks, with the mouse, in the middle of the first element that a selector finds. */
  async click(selector: string): Promise<void> {
    const place = await this.evaluate(`(() => {
      const found = document.querySelector(${JSON.stringify(selector)})
      found.scrollIntoView({ block: 'center' })
      const { x, y, width, height } = found.getBoundingClientRect()
      return { x: x + width / 2, y: y + height / 2 }
    })()`)
    const button = { ...(place as { x: number; y: number }), button: 'left', clickCount: 1 }
    await this.#send('Input.dispatchMouseEvent', { type: 'mousePressed', ...button })
    await this.#send('Input.dispatchMouseEvent', { type: 'mouseReleased', ...button })
  }

  /** Types into whatever has the focus. */
  async type(text: string): Promise<void> {
    await this.#send('Input.insertText', { text })
  }

  /** Presses Enter on whatever has the focus. */
  async pressEnter(): Promise<void> {
    const key = { key: 'Enter', code: 'Enter', windowsVirtualKeyCode: 13, text: '\r' }
    await this.#send('Input.dispatchKeyEvent', { type: 'keyDown', ...key })
    await this.#send('Input.dispatchKeyEvent', { type: 'keyUp', ...key })
  }

  async close(): Promise<void> {
    const exited = once(this.#child, 'exit')
    this.#child.kill('SIGKILL')
    await exited
    await eventually(() => {
      rmSync(this.#profile, { recursive: true, force: true })
    })
  }

  #hear({ id, method, params, result, error }: Message): void {
    if (id !== undefined) {
      this.#waiting.get(id)?.({ ...(result && { result }), ...(error && { error }) })
      this.#waiting.delete(id)
    } else if (method === 'Network.requestWillBeSent') {
      this.requests.push((params as { request: { url: string } }).request.url)
    } else if (method === 'Runtime.exceptionThrown' || method === 'Log.entryAdded') {
      this.complaints.push(JSON.stringify(params))
    } else if (method === 'Runtime.consoleAPICalled') {
      this.complaints.push(JSON.stringify(params))
    } else if (method === 'Page.javascriptDialogOpening') {
      this.complaints.push('a dialog')
      void this.#send('Page.handleJavaScriptDialog', { accept: true })
    }
  }

  async #send(
    method: string,
    params: Readonly<Record<string, unknown>> = {},
  ): Promise<Readonly<Record<string, unknown>>> {
    const id = ++this.#lastId
    const sessionId = this.#session === undefined ? {} : { sessionId: this.#session }
    const answered = new Promise<Message>((resolve) => this.#waiting.set(id, resolve))
    this.#toBrowser.write(`${JSON.stringify({ id, method, params, ...sessionId })}\0`)
    const { result, error } = await answered
    if (error !== undefined) throw new Error(`${method}: ${error.message}`)
    return result ?? {}
  }
}
