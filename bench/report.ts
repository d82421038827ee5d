import { describeEmit } from './emit-report.js'
import { describeExport } from './export-report.js'
import { checkGoals, type GoalResult } from './goals.js'
import { describeIngest } from './ingest-report.js'
import { describeLive } from './live-report.js'
import { describeLoad } from './load-report.js'
import { describeOrchestrator } from './orchestrate-report.js'
import { AGENTS, type Figures, type Plan } from './parts.js'
import { number } from './format-figure.js'
import { describeQueries } from './query-report.js'
import { readVersions } from './versions.js'

/** The report as Markdown: the machine first, since figures mean nothing without it. */
export async function describe(plan: Plan, figures: Figures): Promise<string> {
  const { emit, index, query, export: exported, live, load } = figures
  const { events, emitEvents, loadSeconds } = plan
  const command = `npm run bench -- --events ${events} --emit-events ${emitEvents} --load-seconds ${loadSeconds}`
  const sections = [
    `# Benchmarks

Written by \`${command}\` on ${new Date().toISOString().slice(0, 10)}.
Ratios travel between machines, absolute figures do not. [performance.md](performance.md) says what
they are made of and what bounds those that miss their goal.

| machine | |
|---|---|
${rows(Object.entries(await readVersions()))}
| events | ${describeEvents(plan, figures)} |
`,
    describeGoals(plan, checkGoals(figures)),
    emit &&
      `## Emit

${describeEmit(emit.emit, emit.events, emit.rounds)}
${describeOrchestrator(emit.orchestrate, emit.rounds)}`,
    index && describeIngest(index.sizes, index.smallRuns),
    query && describeQueries(query),
    exported && describeExport(exported),
    live && describeLive(live.ingest, live.visibility),
    load && describeLoad(load),
  ]
  return sections.filter((section) => section !== undefined).join('\n')
}

function describeEvents({ events }: Plan, { index }: Figures): string {
  const largest = index?.sizes.at(-1)
  const bytes =
    largest === undefined ? '' : `${Math.round(largest.bytes / largest.events)} bytes each, `
  return `${number(events)} generated, ${bytes}${AGENTS} agents, one run`
}

function describeGoals({ events }: Plan, goals: readonly GoalResult[]): string | undefined {
  if (goals.length === 0) return undefined
  return `## Goals

On ${number(events)} events where no other number is given; emitting has goals of its own below.

| | goal | measured | met |
|---|---|---|---|
${rows(
  goals.map(({ figure, goal, measured, isMet }) => [
    figure,
    goal,
    measured ?? 'not measured',
    measured === undefined ? '' : isMet ? 'yes' : '**no**',
  ]),
)}
`
}

function rows(cells: readonly (readonly string[])[]): string {
  return cells.map((row) => `| ${row.join(' | ')} |`).join('\n')
}
