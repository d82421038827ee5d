import { closeSync, openSync, readSync } from 'node:fs'
import { join } from 'node:path'
import { listRejects, type RecordedReject } from '../../src/query/list-rejects.js'
import { findSimulation } from '../../src/query/simulation-row.js'
import type { OpenRuns } from '../open-runs.js'
import { number } from '../output.js'
import { formatTable } from '../table.js'

/** A reject, and how its line begins; null where its file is not there any more. */
export interface ShownReject extends RecordedReject {
  readonly excerpt: string | null
}

/** What is shown of a line, in bytes. */
const EXCERPT_BYTES = 80

/**
 * Rejects, part by part.
 *
 * @param run all runs unless given
 * @throws TurnlogError SIMULATION_NOT_FOUND
 */
export async function* readRejects(
  { reader, root }: OpenRuns,
  run: string | undefined,
): AsyncGenerator<readonly ShownReject[]> {
  for (let after: number | undefined = 0; after !== undefined;) {
    const from: number = after
    const page = await reader.read(async (snapshot) => {
      const simulation = run === undefined ? undefined : await findSimulation(snapshot, run)
      return listRejects(snapshot, simulation?.id, from)
    })
    yield page.rejects.map((reject) => ({ ...reject, excerpt: readExcerpt(root, reject) }))
    after = page.next
  }
}

function readExcerpt(root: string, reject: RecordedReject): string | null {
  const { simulation_id: run, segment, offset, length } = reject
  try {
    const file = openSync(join(root, run, segment), 'r')
    try {
      const bytes = Buffer.alloc(Math.min(length, EXCERPT_BYTES))
      const read = readSync(file, bytes, 0, bytes.length, offset)
      const text = bytes.toString('utf8', 0, read)
      return length > EXCERPT_BYTES ? `${text}…` : text
    } finally {
      closeSync(file)
    }
  } catch {
    // The line is shown where it can be: what is wrong with it stands in the sidecar.
    return null
  }
}

/** Rejects for people. */
export function rejectTable(rejects: readonly ShownReject[]): string {
  if (rejects.length === 0) return ''
  const rows = rejects.map(({ simulation_id: run, segment, offset, length, reason, excerpt }) => [
    `${run}/${segment}`,
    number(offset),
    number(length),
    reason,
    excerpt ?? '(its file is not there)',
  ])
  return formatTable(
    [
      { title: 'segment' },
      { title: 'offset', align: 'right' },
      { title: 'bytes', align: 'right' },
      { title: 'reason', maxWidth: 70 },
      { title: 'line', maxWidth: 50 },
    ],
    rows,
  )
}
