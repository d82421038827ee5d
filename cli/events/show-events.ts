import { topLevelSpans } from '../../src/event/json-spans.js'
import { nearestName } from '../../src/nearest-name.js'
import { countByCell } from '../../src/query/cell-counts.js'
import type { EventFilter } from '../../src/query/event-filter.js'
import type { EventText } from '../../src/query/event-row.js'
import { findSimulation } from '../../src/query/simulation-row.js'
import type { RecordedEvent } from '../../src/store/recorded-event.js'
import { displayWidth } from '../display-width.js'
import { whatItSays } from '../event-label.js'
import { kindOf } from '../kind-of.js'
import type { OpenRuns } from '../open-runs.js'
import { type Output, writeLine } from '../output.js'
import { printable } from '../printable.js'
import { type Column, formatTable } from '../table.js'

type Parts = AsyncIterable<readonly EventText[]>

/** Events as they were recorded, each on a line. */
export async function* eventLines(parts: Parts): AsyncGenerator<string> {
  for await (const part of parts) yield part.map((text) => `${text}\n`).join('')
}

/** What a table of events shows. */
export interface TableOptions {
  /** The keys that are shown; what people look for unless given. */
  readonly fields?: readonly string[] | undefined
  /** Of the terminal, in characters; undefined where there is none. */
  readonly width?: number | undefined
}

/** What a cell shows of a longer text, in characters. */
const MAX_CELL = 60

/**
 * Events as a table. It is made part by part: the first part says how wide its columns are, so
 * that a run of any size takes little memory.
 */
export async function* eventTable(parts: Parts, options: TableOptions): AsyncGenerator<string> {
  const { fields, width } = options
  const toCells = fields === undefined ? cellsOf : (text: EventText) => fieldsOf(text, fields)
  const titles = fields ?? ['event_id', 'time', 'turn', 'type', 'agent', 'kind', 'what']
  let columns: readonly Column[] | undefined
  for await (const part of parts) {
    if (part.length === 0) continue
    const rows = part.map(toCells)
    const isFirst = columns === undefined
    columns ??= titles.map((title, index) => ({
      title,
      ...widthOf([title, ...rows.map((row) => row[index] ?? '')], index, titles.length, width),
      align: title === 'turn' || title === 'turn_number' ? 'right' : 'left',
    }))
    yield formatTable(columns, rows, { titles: isFirst })
  }
}

/** All columns but the last are as wide as they are in the first part, and cut what is longer later. */
function widthOf(
  cells: readonly string[],
  index: number,
  count: number,
  terminal: number | undefined,
): Pick<Column, 'width' | 'maxWidth'> {
  if (index === count - 1 && index > 0) {
    return { maxWidth: terminal === undefined ? MAX_CELL : Math.max(MAX_CELL / 2, terminal - 100) }
  }
  const longest = cells.reduce((most, cell) => Math.max(most, displayWidth(printable(cell))), 1)
  const width = Math.min(longest, MAX_CELL)
  return { width, maxWidth: width }
}

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
