import { once } from 'node:events'
import type { Writable } from 'node:stream'
import { setImmediate as otherTurns } from 'node:timers/promises'
import type { EventFilter } from '../../src/query/event-filter.js'
import { listSimulations, type SimulationItem } from '../../src/query/list-simulations.js'
import { LongReads } from '../../src/query/long-reads.js'
import { readAllEvents } from '../../src/query/read-all-events.js'
import { findSimulation } from '../../src/query/simulation-row.js'
import { SidecarReader } from '../../src/sidecar/sidecar-reader.js'
import type { EventProgress } from '../progress.js'
import { createRunWriter } from './create-run-writer.js'
import type { ExportFormat } from './format-names.js'
import { OutputFile } from './output-file.js'
import { findPlace } from './output-place.js'
import type { RunWriter } from './run-writer.js'
import { Staging } from './staging.js'
import { findTargets } from './targets.js'

/** Which events of which runs. */
export interface ExportRequest {
  /** The sidecar. */
  readonly db: string
  /** Their ids, each once. */
  readonly runs: readonly string[]
  readonly format: ExportFormat
  readonly filter: EventFilter
  /** Of each run, the first so many events; all unless told otherwise. */
  readonly limit?: number | undefined
  /** Aborts when the export is to end before it is done. */
  readonly signal: AbortSignal
  readonly onProgress?: (progress: EventProgress) => void
}

/** A run that was exported. */
export interface ExportedRun {
  readonly simulation_id: string
  readonly events: number
  readonly files: readonly string[]
  /** Of the files. */
  readonly bytes: number
}

/** What an export came to. */
export interface ExportReport {
  readonly runs: readonly ExportedRun[]
}

/**
 * Exports runs into files, which have their names when all of them are whole; otherwise
 * nothing is left of them.
 *
 * @throws TurnlogError SIMULATION_NOT_FOUND, OUTPUT_EXISTS, OUTPUT_UNWRITABLE or what reading throws
 * @throws the signal's reason when it aborts
 */
export async function exportToFiles(
  request: ExportRequest,
  output: string | undefined,
  isForced: boolean,
): Promise<ExportReport> {
  const { format, runs } = request
  const { directory, files } = findTargets(format, runs, output)
  return withSource(request, async (source) => {
    const places = new Map([...files].map(([run, name]) => [run, findPlace(name, isForced)]))
    const staging = new Staging(directory, isForced)
    try {
      const exported: ExportedRun[] = []
      for (const simulation of source.simulations) {
        const place = places.get(simulation.id)
        if (place === undefined) throw new Error(`${simulation.id} has no place`)
        const { name } = place
        const file = new OutputFile(staging.add(place), name)
        try {
          const writer = createRunWriter(format, file, simulation, true)
          const events = await source.copy(simulation, writer)
          file.finish()
          exported.push({
            simulation_id: simulation.id,
            events,
            files: [name],
            bytes: file.bytes,
          })
        } finally {
          file.close()
        }
      }
      request.signal.throwIfAborted()
      staging.publish()
      return { runs: exported }
    } finally {
      staging.close()
    }
  })
}

/**
 * Exports runs into a stream, one behind the other.
 *
 * @throws as {@link exportToFiles}
 */
export async function exportToStream(request: ExportRequest, stream: Writable): Promise<void> {
  const { format, signal } = request
  await withSource(request, async (source) => {
    let isFirst = true
    for (const simulation of source.simulations) {
      const sink = { write: (data: string | Uint8Array) => void stream.write(data) }
      const writer = createRunWriter(format, sink, simulation, isFirst)
      await source.copy(simulation, writer, async () => {
        if (!stream.writableNeedDrain) return
        try {
          await once(stream, 'drain', { signal })
        } catch (error) {
          signal.throwIfAborted()
          throw error
        }
      })
      isFirst = false
    }
  })
}

/** What events are read from, and what tells of it. */
interface Source {
  /** The runs that are exported, in the order in which they were asked for. */
  readonly simulations: readonly SimulationItem[]
  /**
   * @param afterPart waits until there is room for more
   * @returns how many events there were
   */
  copy(
    simulation: SimulationItem,
    writer: RunWriter,
    afterPart?: () => Promise<void>,
  ): Promise<number>
}

async function withSource<T>(
  { db, runs, filter, limit = Infinity, signal, onProgress }: ExportRequest,
  use: (source: Source) => Promise<T>,
): Promise<T> {
  const reader = new SidecarReader(db)
  const longReads = new LongReads(db)
  let before = 0
  try {
    const simulations = await findSimulations(reader, runs)
    // At the most: a filter may leave fewer.
    const counts = simulations.map(({ event_count: events }) => Math.min(events, limit))
    const total = counts.reduce((sum, events) => sum + events, 0)
    return await use({
      simulations,
      async copy(simulation, writer, afterPart) {
        const request = { filter, order: 'asc', limit } as const
        let events = 0
        for await (const part of readAllEvents(
          { reader, longReads, signal },
          simulation.id,
          request,
        )) {
          writer.write(part)
          events += part.length
          onProgress?.({ events: before + events, totalEvents: total })
          await afterPart?.()
          // Reading never waits for anything, and a signal comes only to who does.
          await otherTurns()
          signal.throwIfAborted()
        }
        writer.end()
        before += events
        return events
      },
    })
  } finally {
    await reader.close()
  }
}

/** @throws TurnlogError SIMULATION_NOT_FOUND */
async function findSimulations(
  reader: SidecarReader,
  runs: readonly string[],
): Promise<SimulationItem[]> {
  return reader.read(async (snapshot) => {
    const known = new Map((await listSimulations(snapshot)).map((item) => [item.id, item]))
    const found: SimulationItem[] = []
    for (const run of runs) {
      const { name } = await findSimulation(snapshot, run)
      const item = known.get(name)
      if (item !== undefined) found.push(item)
    }
    return found
  })
}
