import { megabytes, millis, number } from './format-figure.js'
import type { LoadFigures } from './load.js'
import { LOAD_MIX } from './load-paths.js'

/** The part of the report about many requests at once, as Markdown. */
export function describeLoad(figures: LoadFigures): string {
  const { events, connections, seconds, paths, written, latency, memory } = figures
  const mix = Object.entries(LOAD_MIX).map(([kind, share]) => `| ${share} | ${kind} |`)
  return `## Load

\`turnlog serve\` is asked for ${seconds} seconds over ${connections} connections at once, by autocannon, about a run of
${number(events)} events, while another process writes a second run with \`EventWriter\`. Each connection asks
its next question as soon as it has its answer, of ${number(paths)} different URLs and without \`If-None-Match\`.
Those who ask and write share the machine with the server. Before, it is asked for ${figures.warmUpSeconds} seconds in the
same way. Memory is what is resident, looked at every second.

| of a hundred requests | |
|---|---|
${mix.join('\n')}

| | |
|---|---|
| requests | ${number(figures.requests)}, ${number(figures.rate)} a second |
| written meanwhile | ${number(written)} events a second |
| p50 | ${millis(latency.p50)} ms |
| p99 | ${millis(latency.p99)} ms |
| longest | ${millis(latency.max)} ms |
| failed (no answer, or none of 2xx) | ${number(figures.failed)}, ${number(figures.timeouts)} of them given up |
| memory, first quarter (median) | ${megabytes(memory.first)} MB |
| memory, last quarter (median) | ${megabytes(memory.last)} MB |
| memory, highest | ${megabytes(memory.highest)} MB |
`
}
