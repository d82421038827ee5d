import type { Migration } from 'kysely'
import { up as initial } from './0001-initial.js'

/** Every migration by name, in the order they are applied; a released one never changes. */
export const migrations: Readonly<Record<string, Migration>> = {
  '0001-initial': { up: initial },
}
