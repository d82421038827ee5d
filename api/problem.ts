import { z } from 'zod'
import { type ErrorCode, TurnlogError } from '../src/errors.js'

/** Every way a request is refused, as data; `docs/api.md` is checked against this table. */
export const PROBLEM_CODES = {
  MALFORMED_REQUEST: { status: 400, title: 'Bad Request' },
  INVALID_PATH: { status: 400, title: 'Bad Request' },
  UNAUTHORIZED: { status: 401, title: 'Unauthorized' },
  NOT_FOUND: { status: 404, title: 'Not Found' },
  METHOD_NOT_ALLOWED: { status: 405, title: 'Method Not Allowed' },
  REQUEST_TIMEOUT: { status: 408, title: 'Request Timeout' },
  CONTENT_TOO_LARGE: { status: 413, title: 'Content Too Large' },
  URI_TOO_LONG: { status: 414, title: 'URI Too Long' },
  HOST_NOT_ALLOWED: { status: 421, title: 'Misdirected Request' },
  INVALID_PARAMETER: { status: 422, title: 'Unprocessable Content' },
  QUERY_TOO_BROAD: { status: 422, title: 'Unprocessable Content' },
  RATE_LIMITED: { status: 429, title: 'Too Many Requests' },
  HEADERS_TOO_LARGE: { status: 431, title: 'Request Header Fields Too Large' },
  INTERNAL: { status: 500, title: 'Internal Server Error' },
  SERVER_BUSY: { status: 503, title: 'Service Unavailable' },
  SEARCH_UNAVAILABLE: { status: 503, title: 'Service Unavailable' },
  SIDECAR_UNAVAILABLE: { status: 503, title: 'Service Unavailable' },
} as const

/** One of the keys of {@link PROBLEM_CODES}. */
export type ProblemCode = keyof typeof PROBLEM_CODES

/** One thing that is wrong with a request. */
export const problemDetailSchema = z.object({
  parameter: z.string(),
  message: z.string(),
})

/** An error as it is answered: RFC 9457, with a code programs can switch on. */
export const problemSchema = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    detail: z.string(),
    code: z.string().meta({ description: 'For programs to switch on.' }),
    message: z.string(),
    details: z.array(problemDetailSchema),
    request_id: z.string().meta({ description: 'As in X-Request-Id, and in the log.' }),
  })
  .meta({ id: 'Problem' })

/** An error as it is answered. */
export type Problem = z.infer<typeof problemSchema>
/** One thing that is wrong with a request. */
export type ProblemDetail = z.infer<typeof problemDetailSchema>

/** A request that cannot be answered as asked. */
export class ApiError extends Error {
  readonly code: ProblemCode
  readonly details: readonly ProblemDetail[]
  readonly headers: Readonly<Record<string, string>>

  constructor(
    code: ProblemCode,
    message: string,
    { details = [], headers = {} }: ApiErrorExtras = {},
  ) {
    super(message)
    this.code = code
    this.details = details
    this.headers = headers
  }

  get status(): number {
    return PROBLEM_CODES[this.code].status
  }
}

interface ApiErrorExtras {
  readonly details?: readonly ProblemDetail[]
  readonly headers?: Readonly<Record<string, string>>
}

/** Parameters that are not as they must be, every one of them. */
export function invalidParameters(details: readonly ProblemDetail[]): ApiError {
  const named = details.map(({ parameter, message }) => `${parameter}: ${message}`).join('; ')
  return new ApiError('INVALID_PARAMETER', named, { details })
}

/** How the library's errors are answered; whatever is not here is a fault of ours. */
const ANSWERS: Partial<Record<ErrorCode, ProblemCode>> = {
  SIMULATION_NOT_FOUND: 'NOT_FOUND',
  EVENT_NOT_FOUND: 'NOT_FOUND',
  PATH_NOT_FOUND: 'NOT_FOUND',
  VARIABLE_NOT_FOUND: 'NOT_FOUND',
  QUERY_TOO_BROAD: 'QUERY_TOO_BROAD',
  SERVER_BUSY: 'SERVER_BUSY',
  SEARCH_UNAVAILABLE: 'SEARCH_UNAVAILABLE',
  SIDECAR_NOT_FOUND: 'SIDECAR_UNAVAILABLE',
  SIDECAR_UNREADABLE: 'SIDECAR_UNAVAILABLE',
  SIDECAR_SCHEMA_MISMATCH: 'SIDECAR_UNAVAILABLE',
}

/** The index mostly catches up in a moment. */
function headersOf(code: ProblemCode): Readonly<Record<string, string>> {
  const isSoonOver = code === 'SEARCH_UNAVAILABLE' || code === 'SERVER_BUSY'
  return isSoonOver ? { 'Retry-After': '1' } : {}
}

/** The HTTP side of any error. Of one nobody foresaw, nothing is told but that it happened. */
export function toApiError(error: unknown): ApiError {
  if (error instanceof ApiError) return error
  if (error instanceof TurnlogError) {
    const code = ANSWERS[error.code]
    if (code !== undefined) return new ApiError(code, error.message, { headers: headersOf(code) })
  }
  if (error instanceof URIError) {
    return new ApiError('INVALID_PATH', 'the path has a percent sign that encodes nothing')
  }
  return new ApiError('INTERNAL', 'turnlog failed to answer; the fault is not yours')
}

/** The body of an error's answer. */
export function toProblem(
  { status, code, message, details }: ApiError,
  requestId: string,
): Problem {
  return {
    type: 'about:blank',
    title: PROBLEM_CODES[code].title,
    status,
    detail: message,
    code,
    message,
    details: [...details],
    request_id: requestId,
  }
}
