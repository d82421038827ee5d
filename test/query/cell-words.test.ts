import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readCellWords } from '#src/query/cell-words.js'
import { SidecarReader, type Snapshot } from '#src/sidecar/sidecar-reader.js'
import { eventLine, IndexedRoot } from '../support/indexed-root.js'

describe('the words of cells', () => {
  const indexed = new IndexedRoot()

  beforeAll(async () => {
    const details = { action_type: 'trade' }
    await indexed.append({
      run: {
        'events.jsonl': [
          eventLine({ id: 'a', type: 'ACTION', agent: 'anna', details }),
          eventLine({ id: 'b', type: 'SYSTEM' }),
        ],
      },
    })
  })
  afterAll(() => indexed.close())

  async function cellOf(snapshot: Snapshot, eventId: string): Promise<number> {
    const { cell } = await snapshot
      .selectFrom('event')
      .select('cell')
      .where('event_id', '=', eventId)
      .executeTakeFirstOrThrow()
    return cell
  }

  it('are those of their events, none of them left out', async () => {
    const words = await indexed.reader.read(async (snapshot) => {
      const [a, b] = [await cellOf(snapshot, 'a'), await cellOf(snapshot, 'b')]
      const wordsOf = await readCellWords(snapshot, [a, b, a])
      return [wordsOf(b), wordsOf(a)]
    })
    expect(words).toEqual([
      { type: 6, agentId: null, kind: null },
      { type: 3, agentId: 'anna', kind: 'trade' },
    ])
  })

  it('are read once, and those of new cells when they come', async () => {
    const reader = new SidecarReader(indexed.db)
    const agentOf = (eventId: string): Promise<string | null> =>
      reader.read(async (snapshot) => {
        const cell = await cellOf(snapshot, eventId)
        const wordsOf = await readCellWords(snapshot, [cell])
        expect(snapshot.knownCells.get(cell)).toBe(wordsOf(cell))
        return wordsOf(cell).agentId
      })
    const known = (): Promise<number> =>
      reader.read((snapshot) => Promise.resolve(snapshot.knownCells.size))
    expect(await agentOf('a')).toBe('anna')
    expect(await known()).toBe(1)
    // What is known is not asked again, so nobody sees that it is another word now.
    await reader.read((snapshot) => {
      const [cell] = snapshot.knownCells.keys()
      snapshot.knownCells.set(cell ?? 0, { type: 3, agentId: 'remembered', kind: null })
      return Promise.resolve()
    })
    expect(await agentOf('a')).toBe('remembered')
    await indexed.append({
      run: { 'events.jsonl': [eventLine({ id: 'c', type: 'DECISION', agent: 'ben' })] },
    })
    expect(await agentOf('c')).toBe('ben')
    expect(await known()).toBe(2)
    await reader.close()
  })

  it('are asked of the file that took the place of another', async () => {
    const before = await indexed.reader.read((snapshot) => Promise.resolve(snapshot.knownCells))
    await indexed.reindex()
    const after = await indexed.reader.read((snapshot) => Promise.resolve(snapshot.knownCells))
    expect(before.size).toBeGreaterThan(0)
    expect(after).not.toBe(before)
    expect(after.size).toBe(0)
  })

  it('are missed where a damaged sidecar has none', async () => {
    const wordsOf = await indexed.reader.read((snapshot) => readCellWords(snapshot, [999]))
    expect(() => wordsOf(999)).toThrow(new RangeError('no cell has the number 999'))
  })
})
