import { z } from 'zod'
import { type ErrorCode, TurnlogError } from '../src/errors.js'

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
    code: z.string(),
    message: z.string(),
    details: z.array(problemDetailSchema),
  })
  .meta({ id: 'Problem' })

/** An error as it is answered. */
export type Problem = z.infer<typeof problemSchema>
/** One thing that is wrong with a request. */
export type ProblemDetail = z.infer<typeof problemDetailSchema>

const TITLES: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  404: 'Not Found',
  405: 'Method Not Allowed',
  422: 'Unprocessable Content',
  500: 'Internal Server Error',
  503: 'Service Unavailable',
}

/** A request that cannot be answered as asked. */
export class ApiError extends Error {
  readonly status: number
  readonly code: string
  readonly details: readonly ProblemDetail[]
  readonly headers: Readonly<Record<string, string>>

  constructor(
    status: number,
    code: string,
    message: string,
    { details = [], headers = {} }: ApiErrorExtras = {},
  ) {
    super(message)
    this.status = status
    this.code = code
    this.details = details
    this.headers = headers
  }
}

interface ApiErrorExtras {
  readonly details?: readonly ProblemDetail[]
  readonly headers?: Readonly<Record<string, string>>
}

/** Parameters that are not as they must be, every one of them. */
export function invalidParameters(details: readonly ProblemDetail[]): ApiError {
  const named = details.map(({ parameter, message }) => `${parameter}: ${message}`).join('; ')
  return new ApiError(422, 'INVALID_PARAMETER', named, { details })
}

/** How the library's errors are answered; whatever is not here is a fault of ours. */
const ANSWERS: Partial<Record<ErrorCode, { readonly status: number; readonly code: string }>> = {
  SIMULATION_NOT_FOUND: { status: 404, code: 'NOT_FOUND' },
  EVENT_NOT_FOUND: { status: 404, code: 'NOT_FOUND' },
  SIDECAR_NOT_FOUND: { status: 503, code: 'SIDECAR_UNAVAILABLE' },
  SIDECAR_UNREADABLE: { status: 503, code: 'SIDECAR_UNAVAILABLE' },
  SIDECAR_SCHEMA_MISMATCH: { status: 503, code: 'SIDECAR_UNAVAILABLE' },
}

/** The HTTP side of any error. Of one nobody foresaw, nothing is told but that it happened. */
export function toApiError(error: unknown): ApiError {
  if (error instanceof ApiError) return error
  if (error instanceof TurnlogError) {
    const answer = ANSWERS[error.code]
    if (answer !== undefined) return new ApiError(answer.status, answer.code, error.message)
  }
  if (error instanceof URIError) {
    return new ApiError(400, 'INVALID_PATH', 'the path has a percent sign that encodes nothing')
  }
  return new ApiError(500, 'INTERNAL', 'turnlog failed to answer; the fault is not yours')
}

/** The body of an error's answer. */
export function toProblem({ status, code, message, details }: ApiError): Problem {
  return {
    type: 'about:blank',
    title: TITLES[status] ?? 'Error',
    status,
    detail: message,
    code,
    message,
    details: [...details],
  }
}
