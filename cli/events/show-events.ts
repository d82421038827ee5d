import { topLevelSpans } from '../../src/event/json-spans.js'
import { nearestName } from '../../src/nearest-name.js'
import { countByCell } from '../../src/query/cell-counts.js'
import type { EventFilter } from '../../src/query/event-filter.js'
import type { EventText } from '../../src/query/event-row.js'
import { findSimulation } from '../../src/query/simulation-row.js'
import type { RecordedEvent } from '../../src/store/recorded-event.js'
import { whatItSays } from '../event-label.js'
import { kindOf } from '../kind-of.js'
import type { OpenRuns } from '../open-runs.js'
import { type Output, writeLine } from '../output.js'
import { printable } from '../printable.js'
import { type StreamedColumn, streamTable } from '../streamed-table.js'

type Parts = AsyncIterable<readonly EventText[]>

/** Events as they were recorded, each on a line. */
export async function* eventLines(parts: Parts): AsyncGenerator<string> {
  for await (const part of parts) yield part.map((text) => `${text}\n`).join('')
}

/** What people look for in an event. */
const COLUMNS: readonly StreamedColumn[] = [
  { title: 'event_id', isWhole: true },
  { title: 'time', isWhole: true },
  { title: 'turn', align: 'right', isWhole: true },
  { title: 'type', isWhole: true },
  { title: 'agent' },
  { title: 'kind' },
  { title: 'what' },
]

/**
 * Events as a table.
 *
 * @param fields the keys that are shown; what people look for unless given
 * @param width of the terminal, in characters; undefined where there is none
 */
export function eventTable(
  parts: Parts,
  {
    fields,
    width,
  }: { readonly fields?: readonly string[] | undefined; readonly width?: number | undefined },
): AsyncGenerator<string> {
  if (fields === undefined) return streamTable(COLUMNS, parts, cellsOf, width)
  const columns = fields.map((title): StreamedColumn => {
    const align = title === 'turn_number' ? 'right' : 'left'
    return { title, align, ...(WHOLE_FIELDS.has(title) ? { isWhole: true } : {}) }
  })
  return streamTable(columns, parts, (text) => fieldsOf(text, fields), width)
}

const WHOLE_FIELDS = new Set(['event_id', 'timestamp', 'turn_number', 'event_type'])

/** One event for people. */
function cellsOf(text: EventText): string[] {
  const event = JSON.parse(text) as RecordedEvent
  return [
    event.event_id,
    event.timestamp.replace('T', ' ').replace(/(\.\d{3})\d*|(?:\+00:00|Z)$/g, '$1'),
    String(event.turn_number),
    event.event_type,
    typeof event.agent_id === 'string' ? event.agent_id : '',
    kindOf(event.event_type, event.details),
    whatItSays(event, text),
  ]
}

/** The values of some keys as they are spelled, but strings without quotes. */
function fieldsOf(text: EventText, fields: readonly string[]): string[] {
  const spans = topLevelSpans(text)
  return fields.map((field) => {
    const span = spans.get(field)
    if (span === undefined) return ''
    const spelled = text.slice(span.start, span.end)
    return spelled.startsWith('"') ? String(JSON.parse(spelled)) : spelled
  })
}

/** Where nothing matched, tells of agents and kinds that the run does not have at all. */
export async function noteUnknownWords(
  { reader }: OpenRuns,
  run: string,
  { agentIds = [], kinds = [] }: EventFilter,
  { err }: Output,
): Promise<void> {
  if (agentIds.length + kinds.length === 0) return
  const counts = await reader.read(async (snapshot) =>
    countByCell(snapshot, await findSimulation(snapshot, run)),
  )
  const note = (what: string, asked: readonly string[], known: ReadonlySet<string | null>) => {
    for (const word of asked) {
      if (known.has(word)) continue
      const nearest = nearestName(
        word,
        [...known].filter((one) => one !== null),
      )
      const hint = nearest === undefined ? '' : `; did you mean ${nearest}?`
      const said = `${run} has no event of the ${what} ${JSON.stringify(word)}${hint}`
      writeLine(err, printable(said))
    }
  }
  note('agent', agentIds, new Set(counts.map(({ agentId }) => agentId)))
  note('kind', kinds, new Set(counts.map(({ kind }) => kind)))
}
