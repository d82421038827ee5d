import type { Kysely } from 'kysely'
import type { SearchTables, SidecarTables } from '../sidecar/schema.js'
import type { Snapshot } from '../sidecar/sidecar-reader.js'

/** A snapshot in which the full-text index can be asked, too. */
export function withSearchTables(snapshot: Snapshot): Kysely<SidecarTables & SearchTables> {
  return snapshot.withTables<Pick<SearchTables, keyof SearchTables>>()
}
