import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { listAgents } from '#src/query/list-agents.js'
import { listVariables } from '#src/query/list-variables.js'
import { anyPasses, indexPasses, RUNS, smallSizes } from '../support/any-runs.js'
import {
  eventLine,
  FIXTURE,
  IndexedRoot,
  MARKET,
  withIndexedRoot,
} from '../support/indexed-root.js'
import { readRun } from '../support/naive.js'
import { agentsNaively, variablesNaively } from '../support/naive-facets.js'

const ACTIVE = 'events.jsonl'

describe('listAgents', () => {
  it('counts the events of each agent by type, and those of none', async () => {
    const indexed = await IndexedRoot.ofFixture()
    try {
      for (const run of [MARKET, 'solo']) {
        const list = await indexed.reader.read((snapshot) => listAgents(snapshot, run))
        expect(list).toEqual(agentsNaively(readRun(FIXTURE, run)))
      }
    } finally {
      await indexed.close()
    }
  })

  it('sorts them by id, whatever that is, and keeps to their run', async () => {
    const ids = ['b', 'B', '10', '9', 'a b', '__proto__', '国', 'constructor']
    const lines = ids.map((agent) => eventLine({ id: agent, agent }))
    const other = [eventLine({ id: 'x', agent: 'somebody else' })]
    await withIndexedRoot(
      { run: { [ACTIVE]: lines }, other: { [ACTIVE]: other } },
      async ({ reader }) => {
        const { agents } = await reader.read((snapshot) => listAgents(snapshot, 'run'))
        expect(agents.map(({ agent_id: id }) => id)).toEqual(ids.toSorted())
      },
    )
  })

  it('has nobody in a run without events, and nobody for events of no agent', async () => {
    const ownless = [eventLine({ id: 'a', type: 'SYSTEM' })]
    await withIndexedRoot(
      { empty: { [ACTIVE]: [] }, ownless: { [ACTIVE]: ownless } },
      async ({ reader }) => {
        expect(await reader.read((snapshot) => listAgents(snapshot, 'empty'))).toEqual({
          agents: [],
          without_agent: { event_count: 0, events_by_type: {} },
        })
        expect(await reader.read((snapshot) => listAgents(snapshot, 'ownless'))).toEqual({
          agents: [],
          without_agent: { event_count: 1, events_by_type: { SYSTEM: 1 } },
        })
      },
    )
  })
})

describe('listVariables', () => {
  it('counts the changes of each variable by agent', async () => {
    const indexed = await IndexedRoot.ofFixture()
    try {
      for (const run of [MARKET, 'solo']) {
        const list = await indexed.reader.read((snapshot) => listVariables(snapshot, run))
        expect(list).toEqual(variablesNaively(readRun(FIXTURE, run)))
      }
    } finally {
      await indexed.close()
    }
  })

  it('takes STATE and ENV for one, and nothing else for a change', async () => {
    const named = (id: string, type: string, agent?: string): string =>
      eventLine({ id, type, agent, details: { variable_name: 'x', action_type: 'y' } })
    const lines = [
      named('a', 'STATE'),
      named('b', 'ENV'),
      named('c', 'ENV', 'anna'),
      named('d', 'ACTION', 'anna'),
      eventLine({ id: 'e', type: 'STATE', details: { old_value: 1 } }),
      eventLine({ id: 'f', type: 'STATE' }),
    ]
    await withIndexedRoot({ run: { [ACTIVE]: lines } }, async ({ reader }) => {
      expect(await reader.read((snapshot) => listVariables(snapshot, 'run'))).toEqual([
        {
          name: 'x',
          event_count: 3,
          agents: [
            { agent_id: null, event_count: 2 },
            { agent_id: 'anna', event_count: 1 },
          ],
        },
      ])
    })
  })
})

describe('listAgents and listVariables', () => {
  it('say so when there is no such run', async () => {
    await withIndexedRoot({}, async ({ reader }) => {
      for (const list of [listAgents, listVariables]) {
        const listing = reader.read<unknown>((snapshot) => list(snapshot, 'x'))
        await expect(listing).rejects.toMatchObject({
          code: 'SIMULATION_NOT_FOUND',
        })
      }
    })
  })

  it('count of any events what a reading of every line counts', async () => {
    await fc.assert(
      fc.asyncProperty(anyPasses, smallSizes, async (passes, orderSizes) => {
        const indexed = new IndexedRoot({ orderSizes })
        const check = async (): Promise<void> => {
          for (const run of RUNS) {
            const events = readRun(indexed.root, run)
            const agents = await indexed.reader.read((snapshot) => listAgents(snapshot, run))
            expect(agents).toEqual(agentsNaively(events))
            const variables = await indexed.reader.read((snapshot) => listVariables(snapshot, run))
            expect(variables).toEqual(variablesNaively(events))
          }
        }
        try {
          await indexPasses(indexed, passes, check)
        } finally {
          await indexed.close()
        }
      }),
      { numRuns: 30 },
    )
  })
})
