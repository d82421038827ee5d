/**
 * Every way turnlog refuses to go on, as data: the code a program can switch on
 * and what it means. `docs/errors.md` is checked against this table.
 */
export const ERROR_CODES = {
  EVENT_INVALID: 'An event breaks the rules of its type.',
  EVENT_TOO_LARGE: 'An event is larger than the queue, or a line of a segment, can hold.',
  SIMULATION_INVALID:
    'An engine, an agent or a caller gave something a simulation cannot go on with.',
  SIMULATION_ID_INVALID: 'A simulation id cannot be the name of a directory.',
  SETTING_INVALID: 'A setting has a value outside its range.',
  WRITER_NOT_STARTED: 'An event was emitted before start().',
  WRITER_LOCKED: 'Another writer records this simulation.',
  WRITER_FAILED: 'The writer could not be started, or ended before it had written everything.',
  ROOT_NOT_FOUND: 'The output root is missing, is not a directory or cannot be read.',
  SIDECAR_LOCKED: 'Another indexer holds the sidecar.',
  SIDECAR_NOT_FOUND: 'There is no sidecar at this path.',
  SIDECAR_UNREADABLE: 'The sidecar cannot be opened or is not a SQLite database.',
  SIDECAR_SCHEMA_MISMATCH: 'The sidecar was written by an older or newer turnlog.',
  SIDECAR_UNWRITABLE: 'The sidecar cannot be created or written.',
  REINDEX_CHECK_FAILED: 'A rebuilt sidecar did not pass its checks and was thrown away.',
  FILTER_INVALID: 'A query names a field that is none, or gives one a value it cannot have.',
  SIMULATION_NOT_FOUND: 'No simulation has this id.',
  EVENT_NOT_FOUND: 'The simulation has no event with this id.',
  PATH_NOT_FOUND: 'No causal path leads from the one event to the other.',
  VARIABLE_NOT_FOUND: 'The simulation has no variable with this name.',
  QUERY_INVALID: 'A query is not one statement that SQLite can run on the sidecar.',
  QUERY_NOT_READ_ONLY: 'A query would do something else than read the sidecar.',
  QUERY_TOO_BROAD: 'A query could not be answered in time, or its answer would be too large.',
  SERVER_BUSY: 'Too many long questions are under way.',
  SEARCH_UNAVAILABLE: 'The full-text index is left out, or has not come far enough yet.',
  STORE_CLOSED: 'A store was asked something after it was closed.',
  CURSOR_INVALID: 'A page cursor was not made by turnlog, or for another query.',
  INPUT_UNREADABLE: 'A file that is to be read cannot be.',
  OUTPUT_EXISTS: 'What is to be written is there already.',
  OUTPUT_UNWRITABLE: 'A file or directory cannot be made or written.',
  PORT_UNAVAILABLE: 'The server cannot listen on this host and port.',
} as const

/** One of the keys of {@link ERROR_CODES}. */
export type ErrorCode = keyof typeof ERROR_CODES

/** What a {@link TurnlogError} is made of. */
export interface ErrorParts {
  /** What was being done, where, and what stood in the way. */
  readonly message: string
  /** What the reader can do about it. */
  readonly hint?: string
  /** The error below, when there is one. */
  readonly cause?: unknown
}

/** The one error class turnlog throws: a stable code, a sentence, and a way out. */
export class TurnlogError extends Error {
  override readonly name = 'TurnlogError'
  readonly code: ErrorCode
  readonly hint: string | undefined

  constructor(code: ErrorCode, { message, hint, cause }: ErrorParts) {
    super(message, cause === undefined ? undefined : { cause })
    this.code = code
    this.hint = hint
  }
}

/** The system's own word for a failed call (`ENOSPC`, `EACCES` …), where the error is of one. */
export function systemErrorCode(error: unknown): string | undefined {
  const failedCall = error instanceof Error && 'syscall' in error && 'code' in error
  return failedCall && typeof error.code === 'string' ? error.code : undefined
}
