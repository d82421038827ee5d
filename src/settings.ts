import { z } from 'zod'

/** A setting as data: how it is given, what it may be, and what it is unless told otherwise. */
export interface Setting<T> {
  /** As a command-line flag, with its placeholder where it takes a value. */
  readonly flag: string
  /** The environment variable that is asked where the flag is not given. */
  readonly environment: string
  /** As it would be written; without one, the setting may be left out. */
  readonly default?: string
  /** Reads what was written. */
  readonly schema: z.ZodType<T, string>
  readonly help: string
}

/** What a group of settings comes to: a value for each, undefined where it has neither value nor default. */
export type SettingValues<S extends Readonly<Record<string, Setting<unknown>>>> = {
  readonly [Name in keyof S]: S[Name] extends { readonly default: string }
    ? z.output<S[Name]['schema']>
    : z.output<S[Name]['schema']> | undefined
}

const text = z.string().min(1, { error: 'must not be empty' })

const yesOrNo = z
  .enum(['true', 'false'], { error: 'must be true or false' })
  .transform((word) => word === 'true')

function wholeNumber(minimum: number, maximum: number) {
  const error = `must be a whole number from ${minimum} to ${maximum}`
  return z
    .string()
    .regex(/^\d{1,12}$/, { error, abort: true })
    .transform(Number)
    .refine((number) => number >= minimum && number <= maximum, { error })
}

/** Several, with commas between them. */
function list<T>(item: z.ZodType<T, string>) {
  return z
    .string()
    .transform((text) =>
      text
        .split(',')
        .map((part) => part.trim())
        .filter((part) => part !== ''),
    )
    .pipe(z.array(item))
}

const origin = z.string().refine((text) => ['local', '*'].includes(text) || isOrigin(text), {
  error: 'must be local, *, or origins like https://example.org, with commas between them',
})

function isOrigin(text: string): boolean {
  return URL.canParse(text) && new URL(text).origin === text
}

const hostName = z
  .string()
  .regex(/^([\w.-]+|\[[\da-f:.]+\])$/i, {
    error: 'must be host names without ports, with commas between them',
  })
  .transform((name) => name.toLowerCase())

/** What RFC 6750 lets a token be, long enough not to be guessed. */
const token = z.string().regex(/^[\w~+/.-]{16,}=*$/, {
  error: 'must be tokens of 16 or more letters, digits and ~+/.-_, with commas between them',
})

const seconds = wholeNumber(1, 3_600)

/** Where the runs are and where their sidecar is. */
export const LOCATION_SETTINGS = {
  root: {
    flag: '--root <dir>',
    environment: 'TURNLOG_ROOT',
    default: 'output',
    schema: text,
    help: 'output root: the directory that holds one directory per simulation',
  },
  db: {
    flag: '--db <file>',
    environment: 'TURNLOG_DB',
    schema: text,
    help: 'sidecar: the SQLite file beside the runs, rebuilt whenever it is deleted; <root>/.turnlog/index.db unless given',
  },
} as const satisfies Record<string, Setting<string>>

/** What every command takes that reads events into the sidecar. */
export const SEARCH_SETTINGS = {
  search: {
    flag: '--no-search',
    environment: 'TURNLOG_SEARCH',
    default: 'true',
    schema: yesOrNo,
    help: 'leave the full-text index as it is: what is read now cannot be searched for words',
  },
} as const satisfies Record<string, Setting<unknown>>

/** How far a query of `turnlog sql` may go. */
export const SQL_SETTINGS = {
  limit: {
    flag: '--limit <rows>',
    environment: 'TURNLOG_SQL_LIMIT',
    default: '10000',
    schema: wholeNumber(0, 999_999_999_999),
    help: 'rows after which a query is stopped; 0 is any number',
  },
  timeout: {
    flag: '--timeout <seconds>',
    environment: 'TURNLOG_SQL_TIMEOUT',
    default: '10',
    schema: seconds,
    help: 'how long a query may take before it is stopped; waiting for who reads its rows does not count',
  },
  memory: {
    flag: '--memory <megabytes>',
    environment: 'TURNLOG_SQL_MEMORY',
    default: '1024',
    schema: wholeNumber(128, 1_048_576),
    help: 'how much memory a query may take before it is stopped',
  },
} as const satisfies Record<string, Setting<number>>

/** What `turnlog serve` takes beside the location. */
export const SERVER_SETTINGS = {
  host: {
    flag: '--host <host>',
    environment: 'TURNLOG_HOST',
    default: '127.0.0.1',
    schema: text,
    help: 'address to listen on',
  },
  port: {
    flag: '--port <port>',
    environment: 'TURNLOG_PORT',
    default: '8000',
    schema: wholeNumber(0, 65_535),
    help: 'port to listen on; 0 takes a free one',
  },
  follow: {
    flag: '--no-follow',
    environment: 'TURNLOG_FOLLOW',
    default: 'true',
    schema: yesOrNo,
    help: 'serve the sidecar as it is, without indexing',
  },
  ...SEARCH_SETTINGS,
  token: {
    flag: '--token <tokens>',
    environment: 'TURNLOG_TOKEN',
    default: '',
    schema: list(token),
    help: 'bearer tokens, any of which a request has to carry; other users of the machine see flags, so prefer the variable or the file',
  },
  tokenFile: {
    flag: '--token-file <file>',
    environment: 'TURNLOG_TOKEN_FILE',
    schema: text,
    help: 'file with further bearer tokens, one a line',
  },
  allowUnauthenticated: {
    flag: '--allow-unauthenticated',
    environment: 'TURNLOG_ALLOW_UNAUTHENTICATED',
    default: 'false',
    schema: yesOrNo,
    help: 'listen beyond this machine without a token: whoever reaches the port reads every run',
  },
  allowedHosts: {
    flag: '--allowed-hosts <names>',
    environment: 'TURNLOG_ALLOWED_HOSTS',
    default: '',
    schema: list(hostName),
    help: 'names a request may call the server by, beside those of the loopback interface and --host',
  },
  corsOrigins: {
    flag: '--cors-origins <origins>',
    environment: 'TURNLOG_CORS_ORIGINS',
    default: 'local',
    schema: list(origin),
    help: 'origins whose pages may read answers; local is this machine on any port, * is any',
  },
  rateLimit: {
    flag: '--rate-limit <requests>',
    environment: 'TURNLOG_RATE_LIMIT',
    default: '0',
    schema: wholeNumber(0, 1_000_000),
    help: 'requests a minute from one address; 0 is any number',
  },
  maxUrlBytes: {
    flag: '--max-url-bytes <bytes>',
    environment: 'TURNLOG_MAX_URL_BYTES',
    default: '262144',
    schema: wholeNumber(1_024, 1_048_576),
    help: 'longest path with query; a filter on thousands of agents is that long',
  },
  headersTimeout: {
    flag: '--headers-timeout <seconds>',
    environment: 'TURNLOG_HEADERS_TIMEOUT',
    default: '10',
    schema: seconds,
    help: 'how long the headers of a request may take to arrive',
  },
  requestTimeout: {
    flag: '--request-timeout <seconds>',
    environment: 'TURNLOG_REQUEST_TIMEOUT',
    default: '30',
    schema: seconds,
    help: 'how long a whole request may take to arrive',
  },
  keepAliveTimeout: {
    flag: '--keep-alive-timeout <seconds>',
    environment: 'TURNLOG_KEEP_ALIVE_TIMEOUT',
    default: '5',
    schema: seconds,
    help: 'how long a connection is kept for the next request',
  },
  queryTimeout: {
    flag: '--query-timeout <seconds>',
    environment: 'TURNLOG_QUERY_TIMEOUT',
    default: '5',
    schema: seconds,
    help: 'how long a query may look through events one by one before it is given up as too broad',
  },
  stallTimeout: {
    flag: '--stall-timeout <seconds>',
    environment: 'TURNLOG_STALL_TIMEOUT',
    default: '30',
    schema: seconds,
    help: 'how long who reads a stream may take nothing of it before the connection is cut',
  },
  shutdownTimeout: {
    flag: '--shutdown-timeout <seconds>',
    environment: 'TURNLOG_SHUTDOWN_TIMEOUT',
    default: '10',
    schema: seconds,
    help: 'how long requests under way may go on when the server is told to end',
  },
  logLevel: {
    flag: '--log-level <level>',
    environment: 'TURNLOG_LOG_LEVEL',
    default: 'error',
    schema: z.enum(['silent', 'error', 'warn', 'info'], {
      error: 'must be silent, error, warn or info',
    }),
    help: 'what is logged to standard error, as lines of JSON: error is the faults of the server, info every request as well',
  },
} as const satisfies Record<string, Setting<unknown>>

/** The values of {@link SERVER_SETTINGS}. */
export type ServerSettings = SettingValues<typeof SERVER_SETTINGS>

/** What a server is told when nobody tells it anything. */
export function defaultServerSettings(): ServerSettings {
  const entries = Object.entries<Setting<unknown>>(SERVER_SETTINGS).map(
    ([name, { default: fallback, schema }]) => [
      name,
      fallback === undefined ? undefined : schema.parse(fallback),
    ],
  )
  return Object.fromEntries(entries) as ServerSettings
}
