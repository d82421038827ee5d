import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { z } from 'zod'
import { histogramResponse } from '#api/routes/count-histogram.js'
import type { RunningServer } from '#api/server.js'
import { formatTimestamp, type TimestampMicros } from '#src/event/timestamp.js'
import type { HistogramRequest } from '#src/query/count-histogram.js'
import { ask, serve } from '../support/api-client.js'
import { FIXTURE, IndexedRoot, MARKET } from '../support/indexed-root.js'
import { readRun } from '../support/naive.js'
import { countNaively } from '../support/naive-histogram.js'

let indexed: IndexedRoot
let server: RunningServer

beforeAll(async () => {
  indexed = await IndexedRoot.ofFixture()
  server = await serve(indexed.reader)
})
afterAll(async () => {
  await server.close()
  await indexed.close()
})

type Answer = z.infer<typeof histogramResponse>

async function get(query: string): Promise<Answer> {
  const { status, text } = await ask(server.url, `/simulations/${MARKET}/histogram?${query}`)
  expect({ status, text }).toMatchObject({ status: 200 })
  return histogramResponse.strict().parse(JSON.parse(text))
}

/** What is to be answered, by a reading of every line. */
function expected(request: HistogramRequest): unknown {
  const { total, buckets } = countNaively(readRun(FIXTURE, MARKET), request)
  const spell = (value: number): number | string =>
    request.by === 'turn' ? value : formatTimestamp(value as TimestampMicros)
  return {
    by: request.by,
    total,
    buckets: buckets.map((bucket) => ({
      ...bucket,
      start: spell(bucket.start),
      end: spell(bucket.end),
    })),
  }
}

describe('GET /simulations/{simulation_id}/histogram', () => {
  it('counts by turn, in fifty buckets at the most, unless told otherwise', async () => {
    expect(await get('')).toEqual(expected({ filter: {}, by: 'turn', buckets: 50 }))
  })

  it('counts by time, with timestamps at both ends', async () => {
    const answer = await get('by=time&buckets=3')
    expect(answer).toEqual(expected({ filter: {}, by: 'time', buckets: 3 }))
    expect(answer.buckets[0]?.start).toBe('2025-10-04T14:23:45.163456+00:00')
    expect(answer.buckets.at(-1)?.end).toBe('2025-10-04T14:30:36.340022+00:00')
  })

  it.each(['type', 'agent'] as const)('tells events apart by %s', async (split) => {
    expect(await get(`split=${split}&buckets=4`)).toEqual(
      expected({ filter: {}, by: 'turn', buckets: 4, split }),
    )
  })

  it('takes every filter that a page takes', async () => {
    const query = new URLSearchParams([
      ['by', 'time'],
      ['buckets', '10'],
      ['split', 'agent'],
      ['start_timestamp', '2025-10-04T14:24:00Z'],
      ['end_timestamp', '2025-10-04T14:30:00Z'],
      ['turn_start', '3'],
      ['turn_end', '66'],
      ['event_types', 'ENV'],
      ['event_types', 'ACTION'],
      ['agent_ids', 'agent 6 & co/ñ'],
      ['agent_ids', '国家_中国'],
      ['involving', '国家_中国'],
      ['kinds', 'trade'],
      ['kinds', 'wealth'],
    ])
    const answer = await get(query.toString())
    expect(answer.total).toBeGreaterThan(0)
    const minute = (minutes: number): TimestampMicros =>
      (Date.UTC(2025, 9, 4, 14, minutes) * 1000) as TimestampMicros
    expect(answer).toEqual(
      expected({
        by: 'time',
        buckets: 10,
        split: 'agent',
        filter: {
          startTimestamp: minute(24),
          endTimestamp: minute(30),
          turnStart: 3,
          turnEnd: 66,
          eventTypes: ['STATE', 'ACTION'],
          agentIds: ['agent 6 & co/ñ', '国家_中国'],
          involving: ['国家_中国'],
          kinds: ['trade', 'wealth'],
        },
      }),
    )
  })

  it('has no buckets where nothing matches', async () => {
    expect(await get('agent_ids=nobody')).toEqual({ by: 'turn', total: 0, buckets: [] })
  })
})
