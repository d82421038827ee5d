import { closeSync, openSync, readSync } from 'node:fs'
import { join } from 'node:path'
import {
  listRejects,
  type PlacedReject,
  type RecordedReject,
} from '../../src/query/list-rejects.js'
import { findSimulation } from '../../src/query/simulation-row.js'
import { tailCrc } from '../../src/segment/fingerprint.js'
import type { OpenRuns } from '../open-runs.js'
import { number } from '../output.js'
import type { StreamedColumn } from '../streamed-table.js'

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
    yield page.rejects.map((reject) => toShown(root, reject))
    after = page.next
  }
}

function toShown(root: string, reject: PlacedReject): ShownReject {
  const { simulation_id, segment, offset, length, reason } = reject
  const excerpt = readExcerpt(root, reject)
  return { simulation_id, segment, offset, length, reason, excerpt }
}

/**
 * How the line begins, as far as its file is the one that was read: a name may be another
 * segment's by now.
 */
function readExcerpt(root: string, reject: PlacedReject): string | null {
  const { simulation_id: run, segment, offset, length, checkpoint, tail_crc: crc } = reject
  try {
    const file = openSync(join(root, run, segment), 'r')
    try {
      if (tailCrc(file, checkpoint) !== crc) return null
      const bytes = Buffer.alloc(Math.min(length, EXCERPT_BYTES))
      const read = readSync(file, bytes, 0, bytes.length, offset)
      // Of a character that is cut nothing is given.
      return new TextDecoder().decode(bytes.subarray(0, read), { stream: true })
    } finally {
      closeSync(file)
    }
  } catch {
    // The line is shown where it can be: what is wrong with it stands in the sidecar.
    return null
  }
}

/** Rejects as JSON, one object a line. */
export async function* rejectLines(
  parts: AsyncIterable<readonly ShownReject[]>,
): AsyncGenerator<string> {
  for await (const part of parts) {
    yield part.map((reject) => `${JSON.stringify(reject)}\n`).join('')
  }
}

/** Rejects for people, one row each. */
export const REJECT_COLUMNS: readonly StreamedColumn[] = [
  { title: 'segment', isWhole: true },
  { title: 'offset', align: 'right', isWhole: true },
  { title: 'bytes', align: 'right', isWhole: true },
  { title: 'reason', maxWidth: 120 },
  { title: 'line', maxWidth: 50 },
]

/** A reject as a row of {@link REJECT_COLUMNS}. */
export function toRejectRow(reject: ShownReject): string[] {
  const { simulation_id: run, segment, offset, length, reason, excerpt } = reject
  const isCut = length > EXCERPT_BYTES
  const line = excerpt === null ? '(its file is not there)' : `${excerpt}${isCut ? '…' : ''}`
  return [`${run}/${segment}`, number(offset), number(length), reason, line]
}
