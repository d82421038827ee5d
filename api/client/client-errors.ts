/** One thing that is wrong with a request. */
export interface ErrorDetail {
  readonly parameter: string
  readonly message: string
}

/** What a refusal says of itself. */
export interface ApiErrorParts {
  readonly status: number
  readonly code: string
  readonly message: string
  readonly details?: readonly ErrorDetail[]
  readonly requestId?: string | undefined
  readonly retryAfterMs?: number | undefined
}

/** The server's answer is not what was asked for: it refused, or something else answered. */
export class TurnlogApiError extends Error {
  override readonly name = 'TurnlogApiError'
  readonly status: number
  /**
   * One of the codes of docs/api.md, to switch on, or `UNEXPECTED_ANSWER`: what answered is not
   * turnlog but, for one, a proxy before it.
   */
  readonly code: string
  /** Every parameter that is wrong. */
  readonly details: readonly ErrorDetail[]
  /** By which the server's log names the request. */
  readonly requestId: string | undefined
  /** How long the server asks to be left alone, in milliseconds. */
  readonly retryAfterMs: number | undefined

  constructor({ status, code, message, details, requestId, retryAfterMs }: ApiErrorParts) {
    super(message)
    this.status = status
    this.code = code
    this.details = details ?? []
    this.requestId = requestId
    this.retryAfterMs = retryAfterMs
  }

  /** Whether the same request may be answered later. */
  get isTransient(): boolean {
    return this.status === 408 || this.status === 429 || this.status >= 500
  }
}

/** There was no answer, or it broke off. */
export class TurnlogConnectionError extends Error {
  override readonly name = 'TurnlogConnectionError'
}

const SHOWN = 200

/** Reads an answer that is not the one asked for. @param expected the content type that was */
export async function readApiError(response: Response, expected: string): Promise<TurnlogApiError> {
  const { status, headers } = response
  const text = await response.text().catch(() => '')
  const known = {
    status,
    requestId: headers.get('X-Request-Id') ?? undefined,
    retryAfterMs: readRetryAfter(headers),
  }
  const type = typeOf(response)
  const problem = type === 'application/problem+json' ? readProblem(text) : undefined
  if (problem !== undefined) return new TurnlogApiError({ ...known, ...problem })
  const begins = text === '' ? 'nothing' : JSON.stringify(text.slice(0, SHOWN))
  return new TurnlogApiError({
    ...known,
    code: 'UNEXPECTED_ANSWER',
    message: `status ${status} with ${type === '' ? 'no type' : type}, not turnlog's ${expected}: ${begins}`,
  })
}

/** The content type of an answer without its parameters. */
export function typeOf({ headers }: Response): string {
  const [type = ''] = (headers.get('Content-Type') ?? '').split(';')
  return type.trim().toLowerCase()
}

function readRetryAfter(headers: Headers): number | undefined {
  const seconds = headers.get('Retry-After') ?? ''
  return /^\d+$/.test(seconds) ? Number(seconds) * 1_000 : undefined
}

type Problem = Pick<ApiErrorParts, 'code' | 'message' | 'details'>

function readProblem(text: string): Problem | undefined {
  const body = readJson(text)
  if (!isObject(body)) return undefined
  const { code, message, details } = body
  if (typeof code !== 'string' || typeof message !== 'string') return undefined
  return { code, message, details: Array.isArray(details) ? details.filter(isDetail) : [] }
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function isDetail(value: unknown): value is ErrorDetail {
  return (
    isObject(value) &&
    typeof value['parameter'] === 'string' &&
    typeof value['message'] === 'string'
  )
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null
}
