import { describe, expect, it } from 'vitest'
import { TurnlogClient } from '#api/client/index.js'
import { answer, ScriptedServer } from '../support/scripted-server.js'

type Asking = (client: TurnlogClient) => Promise<unknown>

const QUERIES: readonly [path: string, asking: Asking][] = [
  [
    '/simulations/a%20run/histogram?by=time&buckets=7&split=agent&q=grain&agent_ids=a&agent_ids=b',
    (client) =>
      client.countHistogram('a run', {
        by: 'time',
        buckets: 7,
        split: 'agent',
        q: 'grain',
        agent_ids: ['a', 'b'],
      }),
  ],
  ['/simulations/a%20run/agents', (client) => client.listAgents('a run')],
  ['/simulations/a%20run/variables', (client) => client.listVariables('a run')],
  [
    '/simulations/a%20run/variables/wealth%2Fgold?turn_start=3&limit=10&cursor=c',
    (client) =>
      client.readVariable('a run', 'wealth/gold', { turn_start: 3, limit: 10, cursor: 'c' }),
  ],
  [
    '/simulations/a%20run/causality/e%201/path/e%202',
    (client) => client.findCausalPath('a run', 'e 1', 'e 2'),
  ],
  [
    '/compare?a=one+run&b=another&turn_start=3',
    (client) => client.compareRuns('one run', 'another', { turn_start: 3 }),
  ],
]

describe('TurnlogClient', () => {
  it.each(QUERIES)('asks for %s', async (path, asking) => {
    const server = await ScriptedServer.start(answer(200, 'application/json', '{"as":"it is"}'))
    expect(await asking(new TurnlogClient({ baseUrl: server.url }))).toEqual({ as: 'it is' })
    expect(server.requests.map(({ url }) => url)).toEqual([path])
  })
})

describe('variablePages', () => {
  it('goes on where each page ends', async () => {
    const page = (next: string | null) =>
      answer(200, 'application/json', JSON.stringify({ next_cursor: next }))
    const server = await ScriptedServer.start(page('second'), page('third'), page(null))
    const client = new TurnlogClient({ baseUrl: server.url })
    const cursors: (string | null)[] = []
    const query = { agent_ids: ['a'], limit: 10 }
    for await (const { next_cursor: next } of client.variablePages('run', 'gold', query)) {
      cursors.push(next)
    }
    expect(cursors).toEqual(['second', 'third', null])
    expect(server.requests.map(({ url }) => url)).toEqual([
      '/simulations/run/variables/gold?agent_ids=a&limit=10',
      '/simulations/run/variables/gold?agent_ids=a&limit=10&cursor=second',
      '/simulations/run/variables/gold?agent_ids=a&limit=10&cursor=third',
    ])
  })
})
