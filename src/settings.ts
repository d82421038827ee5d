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
