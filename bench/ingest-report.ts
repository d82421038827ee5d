import { megabytes, number } from './format-figure.js'
import type { IngestFigures, LoadFigures } from './ingest.js'
import type { SmallRunsFigures } from './small-runs.js'

/** The part of the report about indexing, as Markdown. */
export function describeIngest(
  sizes: readonly IngestFigures[],
  smallRuns: SmallRunsFigures,
): string {
  return `## Ingest

One run from nothing, each round in a process of its own, peers by turns with turnlog; medians of the
rounds. turnlog does everything it does: validation, faithful rows, indexes, links, kept order.
DuckDB loads a table with \`CREATE TABLE … AS SELECT … FROM read_json\` with all columns typed,
\`sqlite-utils insert --nl\` (its start included) one with text columns and no index, of a million
events at the most. Memory is resident memory at its highest, of all rounds. Sizes are those of the
database / the JSON Lines; of the full-text index, which makes a sidecar of \`reindex\` searchable, what it
adds to that.

| events | | events/s | rounds | size | memory MB |
|---|---|---|---|---|---|
${sizes.map(describeSize).join('\n')}

${describeGrowth(sizes)}### Many small runs

${number(smallRuns.runs)} runs, ${number(smallRuns.events)} events in all.

| | |
|---|---|
| incremental | ${number(smallRuns.incremental)} events/s |
| reindex | ${number(smallRuns.reindex)} events/s |
| a pass with nothing new, from the opening of the sidecar (median of ${smallRuns.idlePasses} processes) | ${smallRuns.idlePassMs.toFixed(0)} ms |
`
}

function describeSize(figures: IngestFigures): string {
  const { events, incremental, reindex, search, duckDb, sqliteUtils } = figures
  const row = (name: string, load: LoadFigures, memory?: number): string => {
    const cells = [
      number(events),
      name,
      number(load.rate),
      String(load.rounds),
      load.sizeRatio.toFixed(2),
      memory === undefined ? '' : megabytes(memory),
    ]
    return `| ${cells.join(' | ')} |`
  }
  return [
    row('turnlog, incremental', incremental, figures.incrementalMemory),
    row('turnlog, reindex', reindex, figures.reindexMemory),
    row('full-text index, built afterwards', search, figures.searchMemory),
    row('DuckDB', duckDb),
    ...(sqliteUtils === undefined ? [] : [row('sqlite-utils', sqliteUtils)]),
  ].join('\n')
}

/** Each size against the one before it. */
function describeGrowth(sizes: readonly IngestFigures[]): string {
  if (sizes.length < 2) return ''
  const rows = sizes.slice(1).map((larger, at) => {
    const smaller = sizes[at] ?? larger
    const ratios = (['incremental', 'reindex', 'duckDb', 'sqliteUtils'] as const).map((who) => {
      const [after, before] = [larger[who], smaller[who]]
      return after && before ? (after.rate / before.rate).toFixed(2) : ''
    })
    return `| ${number(smaller.events)} → ${number(larger.events)} | ${ratios.join(' | ')} |`
  })
  return `How events/s grow with the run:

| events | turnlog, incremental | turnlog, reindex | DuckDB | sqlite-utils |
|---|---|---|---|---|
${rows.join('\n')}

`
}
