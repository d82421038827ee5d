import { micros, number, verdict } from './format-figure.js'
import type { OrchestrateFigures } from './orchestrate.js'

/** What the orchestrator may add to an event, in microseconds. */
const GOAL = 5

/** The part of the report about the orchestrator, as Markdown. */
export function describeOrchestrator(
  { events, byHand, orchestrated }: OrchestrateFigures,
  rounds: number,
): string {
  const overhead = orchestrated - byHand
  return `### Orchestrator

A simulation of 100 agents at DETAIL, ${number(events)} events, played by a loop written by hand and by
\`SimulationOrchestrator\`: both record the same events with the same links. The whole run, divided by
its events; each in a process of its own, medians of ${rounds} rounds.

| | µs an event |
|---|---|
| by hand | ${micros(byHand)} |
| by the orchestrator | ${micros(orchestrated)} |
| what it adds (goal: ≤ ${GOAL} µs) | ${verdict(micros(overhead), overhead <= GOAL)} |
`
}
