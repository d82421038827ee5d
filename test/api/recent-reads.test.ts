import { describe, expect, it } from 'vitest'
import { RecentReads } from '#api/recent-reads.js'

/** Reads that say how often each key was really read. */
function counting(mostBytes: number): {
  reads: string[]
  get: (key: string) => Promise<string>
  forgetAll: (beginning: string) => void
} {
  const reads: string[] = []
  const recent = new RecentReads<string>(mostBytes, (text) => text.length)
  const read = async (key: string): Promise<string> => {
    reads.push(key)
    await Promise.resolve()
    if (key.startsWith('bad')) throw new Error(`${key} cannot be read`)
    return key
  }
  return {
    reads,
    get: (key) => recent.get(key, () => read(key)),
    forgetAll: (beginning) => {
      recent.forgetAll(beginning)
    },
  }
}

describe('RecentReads', () => {
  it('reads once what is asked for again, or by several at once', async () => {
    const { reads, get } = counting(100)
    expect(await Promise.all([get('a'), get('a'), get('b')])).toEqual(['a', 'a', 'b'])
    expect(await get('a')).toBe('a')
    expect(reads).toEqual(['a', 'b'])
  })

  it('keeps no more than it may, and forgets the oldest first', async () => {
    const { reads, get } = counting(6)
    for (const key of ['one', 'two', 'three', 'two', 'three', 'much too long', 'three']) {
      await get(key)
    }
    expect(reads).toEqual(['one', 'two', 'three', 'two', 'three', 'much too long', 'three'])
    await get('three')
    expect(reads).toHaveLength(7)
  })

  it('keeps nothing that is empty or failed', async () => {
    const { reads, get } = counting(100)
    expect([await get(''), await get('')]).toEqual(['', ''])
    for (let time = 0; time < 2; time++) {
      await expect(Promise.all([get('bad'), get('bad')])).rejects.toThrow('bad cannot be read')
    }
    expect(reads).toEqual(['', '', 'bad', 'bad'])
  })

  it('forgets what it is told to, also while that is being read', async () => {
    const { reads, get, forgetAll } = counting(6)
    await get('a 1')
    await get('b 1')
    const reading = get('a 2')
    forgetAll('a ')
    expect(await reading).toBe('a 2')
    // There is room for both again: nothing of what was forgotten counts.
    for (const key of ['b 1', 'a 1', 'b 1', 'a 1', 'a 2']) await get(key)
    expect(reads).toEqual(['a 1', 'b 1', 'a 2', 'a 1', 'a 2'])
  })
})
