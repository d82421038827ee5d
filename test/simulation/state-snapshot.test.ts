import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { StateSnapshot } from '#src/simulation/state-snapshot.js'
import type { StateVariables } from '#src/simulation/state-variables.js'
import { turnlogError } from '../support/writing.js'

const name = fc.constantFrom('gold', 'mood', '__proto__', 'constructor', '', '7')
const variables = fc.dictionary(name, fc.jsonValue({ maxDepth: 2 }), { maxKeys: 3 })
const state = fc.record(
  {
    global: variables,
    agents: fc.dictionary(fc.constantFrom('anna', 'ben', '__proto__'), variables, { maxKeys: 3 }),
  },
  { requiredKeys: [] },
)

/** Every variable of a state with its JSON text. */
function texts(state: StateVariables): Map<string, string> {
  const owners: [string, object][] = [
    ['world', state.global ?? {}],
    ...Object.entries(state.agents ?? {}).map(([id, own]): [string, object] => [
      `agent ${id}`,
      own,
    ]),
  ]
  return new Map(
    owners.flatMap(([owner, own]) =>
      Object.entries(own).map(([key, value]) => [`${owner}: ${key}`, JSON.stringify(value)]),
    ),
  )
}

describe('the snapshot of a state', () => {
  it('finds every variable that is another one, and no other', () => {
    fc.assert(
      fc.property(fc.array(state, { minLength: 1, maxLength: 4 }), (states) => {
        const snapshot = new StateSnapshot()
        let before = new Map<string, string>()
        for (const next of states) {
          const after = texts(next)
          const found = new Map(
            snapshot.update(next).map(({ agentId, name: key, oldValue, newValue }) => {
              const owner = agentId === undefined ? 'world' : `agent ${agentId}`
              return [`${owner}: ${key}`, [JSON.stringify(oldValue), JSON.stringify(newValue)]]
            }),
          )
          const expected = new Map(
            [...new Set([...before.keys(), ...after.keys()])]
              .filter((key) => before.get(key) !== after.get(key))
              .map((key) => [key, [before.get(key) ?? 'null', after.get(key) ?? 'null']]),
          )
          expect(found).toEqual(expected)
          before = after
        }
      }),
      { numRuns: 500 },
    )
  })

  it('sees what is changed in place, and keeps the old value as it was', () => {
    const snapshot = new StateSnapshot()
    const world = { global: { list: [1], map: { a: 1 } } }
    snapshot.update(world)
    world.global.list.push(2)
    world.global.map = { a: 1 }
    expect(snapshot.update(world)).toEqual([
      { agentId: undefined, name: 'list', oldValue: [1], newValue: [1, 2] },
    ])
  })

  it('takes values that JSON has no word for as JSON does', () => {
    const snapshot = new StateSnapshot()
    snapshot.update({
      global: { nan: NaN, zero: 0, none: undefined, call: () => 1, date: new Date(0) },
    })
    const changed = { nan: NaN, zero: -0, none: undefined, call: () => 2, date: new Date(0) }
    expect(snapshot.update({ global: changed })).toEqual([])
    const odd = { toJSON: () => undefined }
    expect(snapshot.update({ global: { ...changed, zero: odd, nan: undefined } })).toEqual([
      { agentId: undefined, name: 'zero', oldValue: 0, newValue: null },
      { agentId: undefined, name: 'nan', oldValue: NaN, newValue: null },
    ])
  })

  it('looks at the given owners alone', () => {
    const snapshot = new StateSnapshot()
    const gold = (amount: number) => ({ agents: { anna: { gold: amount }, ben: { gold: amount } } })
    snapshot.update(gold(1))
    expect(snapshot.update(gold(2), ['ben', 'nobody']).map(({ agentId }) => agentId)).toEqual([
      'ben',
    ])
    expect(snapshot.update(gold(2)).map(({ agentId }) => agentId)).toEqual(['anna'])
  })

  it.each([
    ['a cycle', cyclic(), 'circular'],
    ['a BigInt in it', { n: 1n }, 'BigInt'],
    ['a BigInt', 1n, 'it is a bigint'],
    ['a symbol', Symbol('s'), 'it is a symbol'],
    ['a Map', new Map([[1, 2]]), 'it is a Map or a Set'],
  ])('says which variable cannot be written, for %s', (_what, value, why) => {
    const update = (state: StateVariables) => () => new StateSnapshot().update(state)
    expect(update({ global: { odd: value } })).toThrow(
      turnlogError(
        'SIMULATION_INVALID',
        'record variable odd of the world: it cannot be written as JSON',
      ),
    )
    const ofAnna = update({ agents: { anna: { odd: value } } })
    expect(ofAnna).toThrow(turnlogError('SIMULATION_INVALID', 'variable odd of agent anna'))
    expect(ofAnna).toThrow(turnlogError('SIMULATION_INVALID', why))
  })
})

function cyclic(): object {
  const one: Record<string, unknown> = {}
  one['self'] = one
  return one
}

describe('the snapshot of a state that nobody asks about', () => {
  it('looks at nothing', () => {
    expect(new StateSnapshot(false).update({ global: { odd: 1n } })).toEqual([])
  })
})
