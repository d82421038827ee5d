import type { Trace, TracedEvent } from '../query/trace-causality.js'
import { joinTexts } from './join-texts.js'

/** A trace as a JSON text, in which every event is spelled as its line spells it. */
export function spellTrace(trace: Trace): string {
  const { links, truncated, missing } = trace
  const rest = JSON.stringify({ links, truncated, missing }).slice(1)
  return `{"event_id":${JSON.stringify(trace.eventId)},"event":${trace.text},"upstream":${spellAll(trace.upstream)},"downstream":${spellAll(trace.downstream)},${rest}`
}

function spellAll(events: readonly TracedEvent[]): string {
  const items = events.map(
    ({ eventId, depth, text }) =>
      `{"event_id":${JSON.stringify(eventId)},"depth":${depth},"event":${text}}`,
  )
  return `[${joinTexts(items)}]`
}
