import { discoverSegments } from '../src/segment/discovery.js'
import { openSidecarForReading } from '../src/sidecar/open-sidecar.js'
import { whyNotRead } from './segment-file.js'
import { type Difference, SimulationVerifier } from './verify-simulation.js'

/** What `turnlog verify` reports. */
export interface VerifyReport {
  /** Whether the sidecar says exactly what the segments say. */
  readonly equal: boolean
  readonly simulations: number
  readonly segments: number
  readonly events: number
  readonly rejects: number
  readonly duplicates: number
  /** Bytes read. */
  readonly bytes: number
  readonly seconds: number
  readonly difference_count: number
  /** The first {@link MAX_DIFFERENCES} differences. */
  readonly differences: readonly Difference[]
}

/** How many differences are reported in full; all are counted. */
export const MAX_DIFFERENCES = 100

/**
 * Reads every segment below a root and holds it against the sidecar: each
 * line's event, its links and counts, and that the sidecar has nothing else.
 *
 * @throws TurnlogError ROOT_NOT_FOUND, SIDECAR_NOT_FOUND, SIDECAR_UNREADABLE or
 *   SIDECAR_SCHEMA_MISMATCH
 */
export function verifyRoot({
  root,
  db,
}: {
  readonly root: string
  readonly db: string
}): VerifyReport {
  const startedAt = performance.now()
  const found = discoverSegments(root)
  const connection = openSidecarForReading(db)
  try {
    const differences: Difference[] = []
    let differenceCount = 0
    const report = (difference: Difference): void => {
      differenceCount++
      if (differences.length < MAX_DIFFERENCES) differences.push(difference)
    }
    connection.exec('BEGIN')
    for (const problem of checkFile(connection)) report({ problem })
    for (const { path, message } of found.problems) report({ problem: `${path} ${message}` })
    const verifier = new SimulationVerifier(connection, report)
    for (const { id, segments } of found.simulations) {
      try {
        verifier.verify(id, segments)
      } catch (error) {
        report({ simulation_id: id, problem: whyNotRead(error) })
      }
    }
    const present = new Set(found.simulations.map(({ id }) => id))
    for (const id of verifier.indexedSimulations()) {
      if (!present.has(id)) report({ simulation_id: id, problem: 'is indexed but not on disk' })
    }
    return {
      equal: differenceCount === 0,
      simulations: found.simulations.length,
      segments: found.simulations.reduce((sum, { segments }) => sum + segments.length, 0),
      ...verifier.counts(),
      seconds: Math.round(performance.now() - startedAt) / 1000,
      difference_count: differenceCount,
      differences,
    }
  } finally {
    connection.close()
  }
}

function checkFile(connection: ReturnType<typeof openSidecarForReading>): string[] {
  const findings = connection.prepare<[], string>('PRAGMA quick_check(10)').pluck().all()
  return findings
    .filter((finding) => finding !== 'ok')
    .map((finding) => `the sidecar is damaged: ${finding}`)
}
