import { expect, it } from 'vitest'
import { causalityResponse } from '#api/routes/trace-causality.js'
import { ask, serve } from '../support/api-client.js'
import { eventLine, withIndexedRoot } from '../support/indexed-root.js'

const EFFECTS = 6_000

function effect(id: string, microsecond: number): string {
  const timestamp = `2026-01-01T00:00:00.${String(microsecond).padStart(6, '0')}Z`
  return eventLine({ id, causes: ['hub'], timestamp })
}

it('what a hub led to is answered also where that takes more than a short read', async () => {
  const hub = eventLine({ id: 'hub', timestamp: '2026-01-01T00:00:00Z' })
  const effects = Array.from({ length: EFFECTS }, (_, index) => effect(`e${index}`, index + 2))
  await withIndexedRoot({ run: { 'events.jsonl': [hub, ...effects] } }, async (indexed) => {
    // Events that arrive late have rows that are not in the order of events.
    await indexed.append({ run: { 'events.jsonl': [effect('late', 1)] } })
    const server = await serve(indexed.reader)
    const path = '/simulations/run/causality/hub?direction=downstream&max_nodes=3'
    const { status, text } = await ask(server.url, path)
    expect(status).toBe(200)
    const { downstream, truncated } = causalityResponse.parse(JSON.parse(text))
    expect(downstream.map((event) => event.event_id)).toEqual(['late', 'e0', 'e1'])
    expect(truncated).toBe(true)
    await server.close()
  })
})
