import { setImmediate as nextTurn } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { TurnTaker } from '#api/turn-taker.js'

function work(ms: number): void {
  const end = performance.now() + ms
  while (performance.now() < end);
}

describe('TurnTaker', () => {
  it('lets others have their turn while many work, each in its order', async () => {
    const turns = new TurnTaker()
    const done: number[] = []
    const all = Promise.all(
      Array.from({ length: 20 }, async (_, index) => {
        await turns.take()
        work(5)
        done.push(index)
      }),
    )
    const steps: number[] = []
    while (done.length < 20) {
      const before = done.length
      await nextTurn()
      steps.push(done.length - before)
    }
    await all
    expect(done).toEqual(Array.from({ length: 20 }, (_, index) => index))
    expect(Math.max(...steps)).toBeLessThanOrEqual(2)
  })

  it('lets several who have little to do have the same turn', async () => {
    const turns = new TurnTaker()
    let done = 0
    const all = Promise.all(
      Array.from({ length: 100 }, async () => {
        await turns.take()
        done++
      }),
    )
    let rounds = 0
    while (done < 100) {
      await nextTurn()
      rounds++
    }
    await all
    expect(rounds).toBeLessThan(50)
  })

  it('lets others have their turn between the work of one alone, too', async () => {
    const turns = new TurnTaker()
    let others = 0
    const other = (async () => {
      while (others < 5) {
        await nextTurn()
        others++
      }
    })()
    while (others < 5) await turns.take()
    await other
  })
})
