import type { Migration } from 'kysely'
import { up as initial } from './0001-initial.js'
import { up as search } from './0002-search.js'

/** Every migration by name, in the order they are applied; a released one never changes. */
export const migrations: Readonly<Record<string, Migration>> = {
  '0001-initial': { up: initial },
  '0002-search': { up: search },
}
