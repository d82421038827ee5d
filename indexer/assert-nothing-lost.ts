import { relative, sep } from 'node:path'
import Database from 'better-sqlite3'
import { TurnlogError } from '../src/errors.js'
import type { DiscoveryProblem } from '../src/segment/discovery.js'
import { openSidecarForReading } from '../src/sidecar/open-sidecar.js'

/** The sidecar in use, and where its runs are. */
interface Place {
  readonly root: string
  readonly db: string
}

/**
 * Makes sure that a rebuilt sidecar has no fewer events of a run than the one in use, where that
 * is so only because something of the run could not be read just now. A sidecar that cannot be
 * asked has nothing to lose.
 *
 * @param rebuilt the new sidecar
 * @param problems what could not be read for it
 * @throws TurnlogError REINDEX_CHECK_FAILED naming the run and what could not be read
 */
export function assertNothingLost(
  { root, db }: Place,
  rebuilt: Database.Database,
  problems: readonly DiscoveryProblem[],
): void {
  if (problems.length === 0) return
  const before = countEventsIn(db)
  const after = countEvents(rebuilt)
  for (const { path, message } of problems) {
    const run = relative(root, path).split(sep)[0] ?? ''
    const had = before.get(run) ?? 0
    const has = after.get(run) ?? 0
    if (has >= had) continue
    throw new TurnlogError('REINDEX_CHECK_FAILED', {
      message: `replace the sidecar ${db}: the new one would have ${has} events of ${run}, not ${had}: ${path} ${message}`,
      hint: 'make it readable and try again; the old sidecar is still in place. To do without these events, delete it and run `turnlog index`',
    })
  }
}

function countEventsIn(db: string): Map<string, number> {
  try {
    const connection = openSidecarForReading(db)
    try {
      return countEvents(connection)
    } finally {
      connection.close()
    }
  } catch (error) {
    if (error instanceof TurnlogError || error instanceof Database.SqliteError) return new Map()
    throw error
  }
}

function countEvents(connection: Database.Database): Map<string, number> {
  const runs = connection
    .prepare<[], { name: string; events: number }>(
      'SELECT name, event_count AS events FROM simulation',
    )
    .all()
  return new Map(runs.map(({ name, events }) => [name, events]))
}
