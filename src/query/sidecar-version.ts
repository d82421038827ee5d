import { sql } from 'kysely'
import type { Snapshot } from '../sidecar/sidecar-reader.js'

/** A state of the sidecar: two that are the same hold the same. */
export interface SidecarVersion {
  readonly openFile: symbol
  /** Another number after each commit of somebody else. */
  readonly change: number
}

/** Which state a snapshot shows. */
export async function readSidecarVersion(snapshot: Snapshot): Promise<SidecarVersion> {
  const { rows } = await sql<{ data_version: number }>`PRAGMA data_version`.execute(snapshot)
  return { openFile: snapshot.openFile, change: rows[0]?.data_version ?? 0 }
}

/** Whether nothing changed between two looks. */
export function isSameVersion(a: SidecarVersion, b: SidecarVersion): boolean {
  return a.openFile === b.openFile && a.change === b.change
}
