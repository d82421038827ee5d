import { setTimeout } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { andThen, forEachOf } from '#src/simulation/maybe-async.js'

describe('what may be asynchronous', () => {
  it('stays synchronous where it is', () => {
    const seen: number[] = []
    expect(andThen(1, (value) => value + 1)).toBe(2)
    expect(
      forEachOf([1, 2, 3], 2, (item) => {
        seen.push(item)
      }),
    ).toBeUndefined()
    expect(seen).toEqual([1, 2, 3])
  })

  it('goes on behind a promise, of whatever make', async () => {
    const thenable = {
      then: (resolve: (value: number) => void) => {
        resolve(1)
      },
    }
    expect(await andThen(thenable as Promise<number>, (value) => value)).toBeUndefined()
    expect(await andThen(Promise.resolve(1), (value) => value + 1)).toBe(2)
  })

  it('has no more waiting at a time than the limit, and starts in order', async () => {
    const started: number[] = []
    let waiting = 0
    let most = 0
    await forEachOf([5, 1, 3, 1, 2], 3, async (ms) => {
      started.push(ms)
      most = Math.max(most, ++waiting)
      await setTimeout(ms)
      waiting--
    })
    expect(started).toEqual([5, 1, 3, 1, 2])
    expect([most, waiting]).toEqual([3, 0])
  })

  it('fails with the first failure, and no later one goes unheard', async () => {
    const fail = async (ms: number): Promise<void> => {
      await setTimeout(ms)
      throw new Error(`after ${ms}`)
    }
    const failing = forEachOf([5, 1, 3], 3, fail)
    await expect(failing).rejects.toThrow('after 1')
    const thrower = (item: number): Promise<void> => {
      if (item === 2) throw new Error('at once')
      return fail(item)
    }
    await expect(forEachOf([3, 2], 2, thrower)).rejects.toThrow('at once')
    // An unhandled rejection would end the test run.
    await setTimeout(10)
  })
})
