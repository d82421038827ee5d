import { join } from 'node:path'
import type { Command } from 'commander'
import { CONTROL_DIRECTORY } from '../src/event/simulation-id.js'
import { LOCATION_SETTINGS } from '../src/settings.js'
import { addSettings, readSettings } from './read-settings.js'

/** Where runs are, and their sidecar. */
export interface Location {
  readonly root: string
  readonly db: string
}

/** Adds `--root` and `--db`. */
export function addLocationOptions(command: Command): Command {
  return addSettings(command, LOCATION_SETTINGS)
}

/**
 * Where a command is to look; the sidecar is in the root unless told otherwise.
 *
 * @throws TurnlogError SETTING_INVALID
 */
export function locate(command: Command): Location {
  const { root, db } = readSettings(command, LOCATION_SETTINGS)
  return { root, db: db ?? join(root, CONTROL_DIRECTORY, 'index.db') }
}
