/** A setting as data: the flag, what it stands for, and what it is unless told otherwise. */
export interface Setting<T> {
  /** As a command-line flag, with its placeholder. */
  readonly flag: string
  readonly default: T
  readonly help: string
}

/** Where the runs are and where their sidecar is. */
export const LOCATION_SETTINGS = {
  root: {
    flag: '--root <dir>',
    default: 'output',
    help: 'output root: the directory that holds one directory per simulation',
  },
  db: {
    flag: '--db <file>',
    default: '<root>/.turnlog/index.db',
    help: 'sidecar: the SQLite file beside the runs, rebuilt whenever it is deleted',
  },
} as const satisfies Record<string, Setting<string>>

/** Where the server listens. */
export const SERVER_SETTINGS = {
  host: { flag: '--host <host>', default: '127.0.0.1', help: 'address to listen on' },
  port: { flag: '--port <port>', default: 8000, help: 'port to listen on; 0 takes a free one' },
} as const satisfies Record<string, Setting<string | number>>
