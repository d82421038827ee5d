import { existsSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { type EmitFigures, measureEmit } from './emit.js'
import { type ExportFigures, measureExport } from './export.js'
import type { GeneratedRun } from './generate.js'
import { index, type IngestFigures, measureIngest } from './ingest.js'
import { type LiveIngestFigures, measureLiveIngest } from './live-ingest.js'
import { type LoadFigures, measureLoad } from './load.js'
import { measureOrchestrator, type OrchestrateFigures } from './orchestrate.js'
import { measureQueries, type QueryFigures } from './queries.js'
import { measureSmallRuns, type SmallRunsFigures } from './small-runs.js'
import { measureVisibility, type VisibilityFigures } from './visibility.js'
import { segmentOf, writeRun } from './write-run.js'

/** What can be measured by itself. */
export const PARTS = ['emit', 'index', 'query', 'export', 'live', 'load'] as const

/** One of {@link PARTS}. */
export type PartName = (typeof PARTS)[number]

/** Figures of the parts that were measured. */
export interface Figures {
  readonly emit?: EmitPart
  readonly index?: IndexPart
  readonly query?: QueryFigures
  readonly export?: ExportFigures
  readonly live?: LivePart
  readonly load?: LoadFigures
}

interface EmitPart {
  readonly events: number
  readonly rounds: number
  readonly emit: EmitFigures
  readonly orchestrate: OrchestrateFigures
}

interface IndexPart {
  /** By size, the largest last. */
  readonly sizes: readonly IngestFigures[]
  readonly smallRuns: SmallRunsFigures
}

interface LivePart {
  readonly ingest: LiveIngestFigures
  readonly visibility: VisibilityFigures
}

/** On how much it is measured, and where. */
export interface Plan {
  /** An existing and empty directory. */
  readonly directory: string
  /** Of the largest run. */
  readonly events: number
  readonly emitEvents: number
  /** How long a server is put under load. */
  readonly loadSeconds: number
}

/** Agents of a generated run. */
export const AGENTS = 20

const EMIT_ROUNDS = 5
/** Events of the run that is asked about under load, where the largest one is not smaller. */
const LOAD_EVENTS = 1_000_000
/** Events of the run that is exported, likewise. */
const EXPORT_EVENTS = 1_000_000
/** Runs that the largest one is compared with, where they are smaller. */
const SIZES = [100_000, 1_000_000]

/** Measures one part after the other. @param onPart told which one comes next */
export async function measureParts(
  plan: Plan,
  parts: readonly PartName[],
  onPart: (part: PartName) => void,
): Promise<Figures> {
  const measure = <F>(part: PartName, run: (plan: Plan) => Promise<F>): Promise<F> | undefined => {
    if (!parts.includes(part)) return undefined
    onPart(part)
    return run(plan)
  }
  const emit = await measure('emit', measureEmitPart)
  const index = await measure('index', measureIndexPart)
  const query = await measure('query', measureQueryPart)
  const exported = await measure('export', measureExportPart)
  const live = await measure('live', measureLivePart)
  const load = await measure('load', measureLoadPart)
  return {
    ...(emit && { emit }),
    ...(index && { index }),
    ...(query && { query }),
    ...(exported && { export: exported }),
    ...(live && { live }),
    ...(load && { load }),
  }
}

async function measureEmitPart({ directory, emitEvents }: Plan): Promise<EmitPart> {
  return {
    events: emitEvents,
    rounds: EMIT_ROUNDS,
    emit: await measureEmit(join(directory, 'emitted'), emitEvents, EMIT_ROUNDS),
    orchestrate: await measureOrchestrator(join(directory, 'orchestrated'), EMIT_ROUNDS),
  }
}

async function measureIndexPart({ directory, events }: Plan): Promise<IndexPart> {
  const small = join(directory, 'small')
  const smallRuns = await measureSmallRuns(small, sidecarOf(small), AGENTS)
  rmSync(small, { recursive: true })
  const sizes: IngestFigures[] = []
  for (const size of [...SIZES.filter((each) => each < events), events]) {
    const run = runOf(directory, size)
    sizes.push(await measureIngest(run, writeRun(run), sidecarOf(run.root)))
    // The largest is asked and served afterwards.
    if (size !== events) rmSync(run.root, { recursive: true })
  }
  return { sizes, smallRuns }
}

async function measureQueryPart(plan: Plan): Promise<QueryFigures> {
  const run = writtenRun(plan)
  return measureQueries(run, await indexedBefore(run))
}

async function measureExportPart({ directory, events }: Plan): Promise<ExportFigures> {
  const run = writtenRun({ directory, events: Math.min(events, EXPORT_EVENTS) })
  return measureExport(run, await indexedBefore(run))
}

async function measureLivePart(plan: Plan): Promise<LivePart> {
  const run = writtenRun(plan)
  const ingest = await measureLiveIngest(run, sidecarOf(run.root))
  const root = join(plan.directory, 'live')
  return { ingest, visibility: await measureVisibility(root, sidecarOf(root)) }
}

/** Comes last: it leaves a second run beside the one that is asked about. */
async function measureLoadPart({ directory, events, loadSeconds }: Plan): Promise<LoadFigures> {
  const run = writtenRun({ directory, events: Math.min(events, LOAD_EVENTS) })
  return measureLoad(run, await indexedBefore(run), loadSeconds)
}

/** Written once, whichever part comes first. */
function writtenRun({ directory, events }: Pick<Plan, 'directory' | 'events'>): GeneratedRun {
  const run = runOf(directory, events)
  if (!existsSync(segmentOf(run))) writeRun(run)
  return run
}

/** Indexed once. @returns its sidecar */
async function indexedBefore({ root, events }: GeneratedRun): Promise<string> {
  const db = sidecarOf(root)
  if (!existsSync(db)) await index({ how: 'reindex', root, db }, events)
  return db
}

function runOf(directory: string, events: number): GeneratedRun {
  return { root: join(directory, String(events)), simulationId: 'bench', events, agents: AGENTS }
}

function sidecarOf(root: string): string {
  return join(root, '.turnlog', 'index.db')
}
