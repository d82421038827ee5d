import { millis, number } from './format-figure.js'
import type { LiveIngestFigures } from './live-ingest.js'
import type { VisibilityFigures } from './visibility.js'

/** The part of the report about serving while events come in, as Markdown. */
export function describeLive(ingest: LiveIngestFigures, visibility: VisibilityFigures): string {
  const { latency } = visibility
  return `## Live

One process writes with \`EventWriter\` at a steady rate, a second is \`turnlog serve\`, a third asks it for
the latest event every 5 ms. From the call of \`emit\`, whose time the event carries, to the answer
that has it, or a later one.

| | |
|---|---|
| events | ${number(visibility.events)}, ${number(visibility.rate)} a second |
| emitted → visible, p50 | ${millis(latency.p50)} ms |
| p99 | ${millis(latency.p99)} ms |
| longest | ${millis(latency.max)} ms |
| longest block of the HTTP thread meanwhile | ${visibility.longestBlockMs.toFixed(1)} ms |

\`turnlog serve\` finds a run of ${number(ingest.events)} events and takes it in while it is asked for
\`/simulations\` every 5 ms. The block is the longest delay of a timer of 1 ms on its main thread.

| | |
|---|---|
| incremental, beside the questions | ${number(ingest.rate)} events/s |
| longest block of the HTTP thread | ${ingest.longestBlockMs.toFixed(1)} ms |
| slowest of ${number(ingest.answers)} answers | ${ingest.slowestAnswerMs.toFixed(1)} ms |
`
}
