import type { Command } from 'commander'
import { z } from 'zod'
import { checkCursor, eventsFields, PAGE_ORDERS } from '../src/query/events-fields.js'
import { ANY_COUNT, integer } from '../src/query/field-values.js'
import type { AllEventsRequest } from '../src/query/read-all-events.js'
import { addFieldOptions, type FieldFlags, readFields } from './field-options.js'
import { checkFilter, FILTER_FLAGS, flaggedFields, flaggedFilterOf } from './filter-options.js'
import { addLocationOptions } from './location.js'
import { withRuns } from './open-runs.js'
import type { Output } from './output.js'

interface EventsOptions {
  readonly json?: true
}

const { order, offset, cursor, fields } = eventsFields
const limit = integer(ANY_COUNT, 'Events in all.').optional()

const eventsSchema = z
  .strictObject({ ...flaggedFields, order, limit, offset, cursor, fields })
  .superRefine(checkFilter, { when: () => true })
  .superRefine(checkCursor, { when: () => true })

const EVENTS_FLAGS: FieldFlags<keyof z.infer<typeof eventsSchema>> = {
  ...FILTER_FLAGS,
  order: {
    flag: '--order <way>',
    help: 'by time and id: the earliest first (default), or the latest',
    choices: PAGE_ORDERS,
  },
  limit: { flag: '--limit <n>', help: 'events in all; every match unless given' },
  offset: { flag: '--offset <n>', help: 'matching events to leave out first' },
  cursor: {
    flag: '--cursor <token>',
    help: 'go on behind a page of the HTTP API: its next_cursor',
  },
  fields: {
    flag: '--fields <keys>',
    help: 'only these top-level keys of each event, with commas between them',
    several: 'listed',
  },
}

/** `turnlog events`: the events of a run that match. */
export function addEventsCommand(program: Command, output: Output): void {
  const command = program
    .command('events')
    .summary('list the events of a run')
    .description(
      'Lists the events of a run that match, in the order of time. All filters hold together.',
    )
    .argument('<run>', 'id of the run: the name of its directory')
  addFieldOptions(addLocationOptions(command), EVENTS_FLAGS)
    .option('--json', 'print each event on a line of its own, exactly as it was recorded')
    .addHelpText(
      'after',
      `
Examples:
  $ turnlog events market-1 --turn 37
  $ turnlog events market-1 --type DECISION,ACTION --agent alice --order desc --limit 20
  $ turnlog events market-1 --details action_payload.good=grain
  $ turnlog events market-1 --q '"too expensive" -retry'
  $ turnlog events market-1 --json | jq -r .description
  $ turnlog events market-1 --json --fields event_id,agent_id`,
    )
    .action(async (run: string, { json }: EventsOptions) => {
      const request = readRequest(command)
      const { eventLines, eventTable, noteUnknownWords } = await import('./events/show-events.js')
      const { writePieces } = await import('./write-pieces.js')
      await withRuns(command, async (open) => {
        let shown = 0
        const parts = async function* () {
          for await (const part of open.runs.events(run, request)) {
            shown += part.length
            yield part
          }
        }
        const pieces =
          json === true
            ? eventLines(parts())
            : eventTable(parts(), { fields: request.fields, width: output.out.columns })
        await writePieces(output.out, pieces)
        if (shown === 0) await noteUnknownWords(open, run, request.filter, output)
      })
    })
}

function readRequest(command: Command): AllEventsRequest {
  const given = readFields(command, eventsSchema, EVENTS_FLAGS)
  return {
    filter: flaggedFilterOf(given),
    order: given.order,
    limit: given.limit,
    offset: given.offset,
    cursor: given.cursor,
    fields: given.fields,
  }
}
