import { megabytes, millis, number } from './format-figure.js'
import type { Latency } from './measure.js'
import type { QueryFigures } from './queries.js'

/** The part of the report about queries, as Markdown. */
export function describeQueries({
  events,
  rounds,
  layer,
  http,
  serveMemory,
  duckDb,
}: QueryFigures): string {
  return `## Queries

${number(events)} events, ${rounds} calls of each, warm, on random places and with random values of the filters;
"any combination" also leaves to chance which filters there are, bounds open at one end included,
and where the page begins: at the first event, the last, or a cursor. Every page has its exact total.
The query layer is measured in a process of its own; over HTTP it is \`turnlog serve\` in another
process, on one kept connection, from the request to the last byte of the answer. A hub
is an event that some 20,000 others name as their cause where the run is long enough; causality
goes both ways and shows 1,000 events each way at the most. The server had ${megabytes(serveMemory)} MB of resident
memory at the most.

| query | p50 ms | p99 ms | max ms | HTTP p50 ms | p99 ms | max ms |
|---|---|---|---|---|---|---|
${Object.entries(layer)
  .map(([shape, latency]) => `| ${[shape, ...three(latency), ...three(http[shape])].join(' | ')} |`)
  .join('\n')}

### Beside DuckDB

The same questions in SQL, their answers compared before: of its typed table
(${duckDb.tableRounds} calls each) and of the JSON Lines as they are (${duckDb.fileRounds}). Its pages come without a total.
Medians in ms.

| query | turnlog | DuckDB, table | DuckDB, file |
|---|---|---|---|
${Object.entries(duckDb.table)
  .map(([shape, table]) => {
    const medians = [layer[shape], table, duckDb.file[shape]].map((latency) => three(latency)[0])
    return `| ${[shape, ...medians].join(' | ')} |`
  })
  .join('\n')}
`
}

function three(latency: Latency | undefined): [p50: string, p99: string, max: string] {
  if (latency === undefined) return ['', '', '']
  return [millis(latency.p50), millis(latency.p99), millis(latency.max)]
}
