import { z } from 'zod'
import { type Output, writeLine } from '../output.js'

const eventSchema = z.looseObject({
  event_id: z.string(),
  turn_number: z.number(),
  event_type: z.string(),
  description: z.string().optional(),
  details: z.record(z.string(), z.unknown()),
})
const simulationsSchema = z.object({
  simulations: z.array(
    z.object({ id: z.string(), start_time: z.string(), event_count: z.number() }),
  ),
})
const pageSchema = z.object({
  events: z.array(eventSchema),
  total: z.number(),
  has_more: z.boolean(),
})
const relatedSchema = z.array(z.object({ depth: z.number(), event: eventSchema }))
const causalitySchema = z.object({
  event: eventSchema,
  upstream: relatedSchema,
  downstream: relatedSchema,
})

type DemoEvent = z.infer<typeof eventSchema>

const TURN = 37
const SHOWN = 8

/** Asks a served run a few questions over HTTP and shows answers and the lines to repeat them. */
export async function showAnswers(
  url: string,
  simulationId: string,
  output: Output,
): Promise<void> {
  const run = `${url}/simulations/${simulationId}`
  const say = (line: string): void => {
    writeLine(output.out, line)
  }
  const ask = async <T>(question: string, path: string, schema: z.ZodType<T>): Promise<T> => {
    say(`\n${question}\n  curl '${path}'`)
    const response = await fetch(path)
    if (!response.ok)
      throw new Error(`${path} answered ${response.status}: ${await response.text()}`)
    return schema.parse(await response.json())
  }

  const { simulations } = await ask(
    'Which runs are there?',
    `${url}/simulations`,
    simulationsSchema,
  )
  for (const { id, start_time: start, event_count: events } of simulations.slice(-3)) {
    say(`    ${id}  ${events} events since ${start}`)
  }

  const inTurn = `${run}/events?turn_start=${TURN}&turn_end=${TURN}`
  const turn = await ask(`What happened in turn ${TURN}?`, inTurn, pageSchema)
  showEvents(turn.events.slice(0, SHOWN), turn.total, say)

  const decisions = `${run}/events?event_types=DECISION&agent_ids=alice&order=desc&limit=5`
  const latest = await ask('What did alice decide last?', decisions, pageSchema)
  showEvents(latest.events, latest.total, say)

  const changes = `${run}/events?event_types=STATE&agent_ids=alice&order=desc&limit=1`
  const change = (await ask('What changed for alice last?', changes, pageSchema)).events[0]
  if (change === undefined) return
  showEvents([change], undefined, say)

  const why = `${run}/causality/${change.event_id}?depth=4`
  const { upstream } = await ask('And why? Its causes, the nearest first:', why, causalitySchema)
  for (const { depth, event } of upstream.slice(0, SHOWN)) {
    say(`    ${'  '.repeat(depth - 1)}← ${describe(event)}`)
  }
  showRest(upstream.length - SHOWN, say)
}

function showEvents(
  events: readonly DemoEvent[],
  total: number | undefined,
  say: (line: string) => void,
): void {
  for (const event of events) say(`    ${describe(event)}`)
  if (total !== undefined) showRest(total - events.length, say)
}

function showRest(rest: number, say: (line: string) => void): void {
  if (rest > 0) say(`    … and ${rest} more`)
}

function describe({
  turn_number: turn,
  event_type: type,
  description,
  details,
}: DemoEvent): string {
  return `turn ${turn}  ${type.padEnd(9)}  ${description ?? JSON.stringify(details)}`
}
