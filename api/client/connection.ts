import { readApiError, TurnlogConnectionError, typeOf } from './client-errors.js'

/** As much of `fetch` as is used. */
export type Fetch = (
  url: string,
  init: { readonly headers: Headers; readonly signal: AbortSignal | null },
) => Promise<Response>

/** Where a server is, and how it is spoken to. */
export interface ClientOptions {
  /** `http://127.0.0.1:8000`; behind a proxy, with the path it has there. */
  readonly baseUrl: string | URL
  /** A bearer token, where the server asks for one. */
  readonly token?: string | undefined
  /** Asks instead of the global `fetch`: through a proxy, with a timeout, with cookies. */
  readonly fetch?: Fetch | undefined
  /** Sent with every request. */
  readonly headers?: Readonly<Record<string, string>> | undefined
  /**
   * Reads JSON instead of `JSON.parse`, which rounds integers beyond 2^53: a function of a library
   * that does not gives every event exactly as its line spells it.
   */
  readonly parse?: ((json: string) => unknown) | undefined
}

/** One request. */
export interface Asked {
  /** With its query; under the base URL. */
  readonly path: string
  /** The content type that is wanted. */
  readonly accept: string
  readonly headers?: Readonly<Record<string, string>>
  readonly signal?: AbortSignal | undefined
}

/** Waits for something that comes over a connection. */
export type Waiting = <T>(coming: Promise<T>) => Promise<T>

/** Asks a server. */
export class Connection {
  readonly #baseUrl: string
  readonly #headers: Headers
  readonly #fetch: Fetch

  /** @throws TypeError when the base URL is none, or a header cannot be sent */
  constructor({ baseUrl, token, fetch: given, headers = {} }: ClientOptions) {
    this.#baseUrl = new URL(baseUrl).href.replace(/\/+$/, '')
    this.#headers = new Headers(headers)
    if (token !== undefined) this.#headers.set('Authorization', `Bearer ${token}`)
    // Browsers want `fetch` to be called as a method of theirs.
    this.#fetch = given ?? ((url, init) => globalThis.fetch(url, init))
  }

  /**
   * Resolves when an answer begins that is what was asked for.
   *
   * @throws TurnlogApiError when it is not; TurnlogConnectionError when there is none
   */
  async ask({ path, accept, headers = {}, signal }: Asked): Promise<Answer> {
    const url = this.#baseUrl + path
    const all = new Headers(this.#headers)
    for (const [name, value] of Object.entries(headers)) all.set(name, value)
    all.set('Accept', accept)
    const source: Source = { url, signal }
    const response = await orExplain(
      source,
      this.#fetch(url, { headers: all, signal: signal ?? null }),
    )
    if (response.status !== 200 || typeOf(response) !== accept) {
      throw await readApiError(response, accept)
    }
    return new Answer(source, response)
  }
}

/** Where an answer comes from, and who may call it off. */
interface Source {
  readonly url: string
  readonly signal: AbortSignal | undefined
}

/** An answer that has begun. */
export class Answer {
  readonly #source: Source
  readonly #response: Response

  constructor(source: Source, response: Response) {
    this.#source = source
    this.#response = response
  }

  /** All of it. */
  text(): Promise<string> {
    return orExplain(this.#source, this.#response.text())
  }

  /**
   * Piece by piece, as it comes; the next one is asked for when the one before is dealt with. Who
   * stops reading closes the connection.
   */
  async *pieces(waiting: Waiting = (coming) => coming): AsyncGenerator<string> {
    const reader: ReadableStreamDefaultReader<Uint8Array> | undefined =
      this.#response.body?.getReader()
    if (reader === undefined) return
    const decoder = new TextDecoder()
    try {
      for (;;) {
        const { done, value } = await orExplain(this.#source, waiting(reader.read()))
        if (done) return
        yield decoder.decode(value, { stream: true })
      }
    } finally {
      // Of a connection that broke, there is nothing left to close.
      await reader.cancel().catch(() => undefined)
    }
  }
}

/** Says of what fails where it failed, unless it was called off. */
async function orExplain<T>({ url, signal }: Source, coming: Promise<T>): Promise<T> {
  try {
    return await coming
  } catch (cause) {
    signal?.throwIfAborted()
    throw new TurnlogConnectionError(`GET ${url}: ${reasonOf(cause)}`, { cause })
  }
}

/** Node says the reason in the cause of an error that says nothing. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return error.cause instanceof Error && error.cause.message !== ''
    ? `${error.message}, ${error.cause.message}`
    : error.message
}
