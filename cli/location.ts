import { join } from 'node:path'
import type { Command } from 'commander'
import { CONTROL_DIRECTORY } from '../src/event/simulation-id.js'
import { LOCATION_SETTINGS } from '../src/settings.js'

/** Where runs are, and their sidecar. */
export interface Location {
  readonly root: string
  readonly db: string
}

/** What the location flags parse to. */
export interface LocationOptions {
  readonly root: string
  readonly db?: string
}

/** Adds `--root` and `--db`. */
export function addLocationOptions(command: Command): Command {
  const { root, db } = LOCATION_SETTINGS
  return command
    .option(root.flag, root.help, root.default)
    .option(db.flag, `${db.help} (default: ${db.default})`)
}

/** Fills in where the sidecar is unless told otherwise. */
export function locate({ root, db }: LocationOptions): Location {
  return { root, db: db ?? join(root, CONTROL_DIRECTORY, 'index.db') }
}
