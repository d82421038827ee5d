import { type IncomingMessage, type OutgoingHttpHeaders, request } from 'node:http'

/** An event as a stream of Server-Sent Events has it. */
export interface StreamedEvent {
  readonly id: string
  readonly event: string
  readonly data: string
}

/** Reads a stream as the standard has it, and notes all that it is told. */
export class StreamClient {
  readonly response: IncomingMessage
  readonly events: StreamedEvent[] = []
  readonly comments: string[] = []
  /** What is to be given back to go on; blocks without data move it as well. */
  lastEventId = ''
  retry: number | undefined
  /** All that was received. */
  text = ''
  /** Whether the connection is over, whoever ended it. */
  isOver = false
  #rest = ''
  #block = { id: undefined as string | undefined, event: 'message', data: [] as string[] }
  #wake = (): void => undefined

  private constructor(response: IncomingMessage) {
    this.response = response
    response.setEncoding('utf8')
    response.on('data', (chunk: string) => {
      this.#take(chunk)
      this.#wake()
    })
    response.on('error', () => undefined)
    response.once('close', () => {
      this.isOver = true
      this.#wake()
    })
  }

  /** Connects, and goes on behind a place where one is given. */
  static async open(url: string, path: string, lastEventId = ''): Promise<StreamClient> {
    const headers: OutgoingHttpHeaders = lastEventId === '' ? {} : { 'Last-Event-ID': lastEventId }
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      request(url + path, { agent: false, headers }, resolve)
        .once('error', reject)
        .end()
    })
    const client = new StreamClient(response)
    if (response.statusCode === 200) return client
    await client.over()
    throw new Error(`${path} is answered with ${response.statusCode ?? 0}: ${client.text}`)
  }

  /** Waits until something is so; throws when the stream is over before. */
  async until(check: (client: this) => boolean): Promise<void> {
    while (!check(this)) {
      if (this.isOver) throw new Error(`the stream ended after ${this.events.length} events`)
      await this.#next()
    }
  }

  /** Waits until the server ends the stream. */
  async over(): Promise<void> {
    while (!this.isOver) await this.#next()
  }

  /** Breaks the connection off. */
  cut(): void {
    this.response.destroy()
  }

  async #next(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#wake = resolve
    })
  }

  #take(chunk: string): void {
    this.text += chunk
    const lines = (this.#rest + chunk).split('\n')
    this.#rest = lines.pop() ?? ''
    for (const line of lines) this.#takeLine(line)
  }

  #takeLine(line: string): void {
    if (line === '') {
      this.#dispatch()
      return
    }
    const [, field = '', value = ''] = /^([^:]*):? ?(.*)$/s.exec(line) ?? []
    if (field === '') this.comments.push(value)
    else if (field === 'id') this.#block.id = value
    else if (field === 'event') this.#block.event = value
    else if (field === 'data') this.#block.data.push(value)
    else if (field === 'retry') this.retry = Number(value)
    else throw new Error(`a line of no meaning: ${line}`)
  }

  #dispatch(): void {
    const { id, event, data } = this.#block
    this.#block = { id: undefined, event: 'message', data: [] }
    if (id !== undefined) this.lastEventId = id
    if (data.length > 0) this.events.push({ id: this.lastEventId, event, data: data.join('\n') })
  }
}

/** What the events of a stream say, in order. */
export function dataOf({ events }: StreamClient): string[] {
  return events.map(({ data }) => data)
}
