import { z } from 'zod'
import { createMatcher } from '../../src/query/event-matcher.js'
import { checkBounds, contradict, filterOf, filterFields } from '../../src/query/filter-fields.js'
import { simulationParameters } from '../parameters.js'
import { invalidParameters } from '../problem.js'
import { defineRoute } from '../route.js'
import { streamRun, type StreamRequest } from '../run-stream.js'
import { EVENT_STREAM, parsePlace } from '../server-sent-events.js'

/** With it a client that was cut off says how far it came. */
const LAST_EVENT_ID = 'Last-Event-ID'
const NO_PLACE = 'is not an id of this stream'

const streamStart = z.enum(['now', 'beginning'], { error: 'must be now or beginning' })

/** Which events, and from where on. */
const streamQuery = z
  .strictObject({
    ...filterFields,
    from: streamStart.optional().meta({
      description: 'Where to begin: behind the last event there is, or before the first.',
      default: 'now',
    }),
    last_event_id: z
      .string()
      .refine((text) => parsePlace(text) !== undefined, { error: NO_PLACE })
      .optional()
      .meta({
        description:
          'Where to go on: the last id that was received. The header Last-Event-ID, which a client sends by itself when it connects again, comes before it.',
      }),
  })
  .superRefine(checkBounds, { when: () => true })
  .superRefine(checkStart, { when: () => true })

/** Names a beginning that does not go with a place. */
function checkStart(
  query: { readonly from?: unknown; readonly last_event_id?: unknown },
  context: z.core.$RefinementCtx,
): void {
  if (query.from === undefined || query.last_event_id === undefined) return
  contradict(context, 'from', 'cannot be used together with last_event_id')
}

/** `GET /simulations/{simulation_id}/events/stream`. */
export const followEventsRoute = defineRoute({
  path: '/simulations/{simulation_id}/events/stream',
  operationId: 'followEvents',
  summary: 'The events that match as they arrive, as Server-Sent Events.',
  parameters: simulationParameters,
  query: streamQuery,
  response: z.string(),
  contentType: EVENT_STREAM,
  notFound: 'No simulation has this id, or it has no such event to go on behind.',
  readsSidecar: true,
  volatile: true,
  stream: {
    contentType: EVENT_STREAM,
    endless: true,
    async *open({ parameters, query, header, signal }, { liveRuns, streamTimes }) {
      const from = startOf(query, header(LAST_EVENT_ID))
      const matcher = createMatcher(filterOf(query))
      const feed = liveRuns.join(parameters.simulation_id)
      try {
        yield* streamRun(feed, { from, matcher, signal, times: streamTimes })
      } finally {
        liveRuns.leave(feed)
      }
    },
  },
})

/** What the header says is later than what the URL says, which stays the same when a client connects again. */
function startOf(
  { from, last_event_id: parameter }: Pick<z.infer<typeof streamQuery>, 'from' | 'last_event_id'>,
  header: string | undefined,
): StreamRequest['from'] {
  if (header !== undefined && header !== '') {
    const behind = parsePlace(header)
    if (behind !== undefined) return { behind }
    throw invalidParameters([{ parameter: LAST_EVENT_ID, message: NO_PLACE }])
  }
  if (parameter !== undefined) return { behind: parsePlace(parameter) ?? null }
  return from === 'beginning' ? { behind: null } : 'now'
}
