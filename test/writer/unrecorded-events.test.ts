import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { UnrecordedEvents } from '#src/writer/unrecorded-events.js'

/** For each event, its causes among those before it and whether it is recorded. */
const history = fc
  .array(fc.tuple(fc.array(fc.nat(), { maxLength: 3 }), fc.boolean()), {
    minLength: 1,
    maxLength: 30,
  })
  .map((events) =>
    events.map(([causes, isRecorded], index) => ({
      id: `e${index}`,
      causes: index === 0 ? [] : causes.map((cause) => `e${cause % index}`),
      isRecorded,
    })),
  )

describe('the links around events left out of the log', () => {
  it('lead to the nearest recorded ancestors, each once', () => {
    fc.assert(
      fc.property(history, (events) => {
        const unrecorded = new UnrecordedEvents()
        // By the book: the recorded causes, and what stands behind the others.
        const nearest = new Map<string, ReadonlySet<string>>()
        for (const { id, causes, isRecorded } of events) {
          const found = new Set(causes.flatMap((cause) => [...(nearest.get(cause) ?? [cause])]))
          expect(new Set(unrecorded.nearestRecorded(causes))).toEqual(found)
          expect(unrecorded.nearestRecorded([...causes, id])).toEqual(
            causes.length === 0 ? [id] : expect.arrayContaining([...found, id]),
          )
          if (isRecorded) continue
          unrecorded.note(id, causes)
          nearest.set(id, found)
        }
      }),
    )
  })

  it('come through cycles among events left out', () => {
    const unrecorded = new UnrecordedEvents()
    unrecorded.note('a', ['b', 'origin'])
    unrecorded.note('b', ['a', 'b'])
    expect(unrecorded.nearestRecorded(['b'])).toEqual(['origin'])
  })

  it('stay short however long the chain, and however many the causes', () => {
    const unrecorded = new UnrecordedEvents()
    unrecorded.note('e0', ['origin'])
    for (let index = 1; index < 20_000; index++) {
      unrecorded.note(`e${index}`, [`e${index - 1}`])
      if (index % 10 === 0) expect(unrecorded.nearestRecorded([`e${index}`])).toEqual(['origin'])
    }
    const many = Array.from({ length: 200_000 }, (_, index) => `cause${index}`)
    unrecorded.note('crowd', many)
    expect(unrecorded.nearestRecorded(['crowd'])).toHaveLength(200_000)
  })

  it('are forgotten for what is recorded after all', () => {
    const unrecorded = new UnrecordedEvents()
    unrecorded.note('late', ['origin'])
    unrecorded.forget('late')
    unrecorded.forget('unknown')
    expect(unrecorded.nearestRecorded(['late'])).toEqual(['late'])
  })

  it('keep their order', () => {
    const unrecorded = new UnrecordedEvents()
    unrecorded.note('lost', ['2', '3'])
    expect(unrecorded.nearestRecorded(['1', 'lost', '4', '3'])).toEqual(['1', '2', '3', '4'])
  })

  it('are known for the last 32,768 at least, and forgotten some time after', () => {
    const unrecorded = new UnrecordedEvents()
    unrecorded.note('first', ['origin'])
    for (let index = 1; index < 32_768; index++) unrecorded.note(`e${index}`, [`e${index - 1}`])
    expect(unrecorded.nearestRecorded(['first'])).toEqual(['origin'])
    expect(unrecorded.nearestRecorded(['e32767'])).toEqual(['e0'])
    for (let index = 0; index < 65_536; index++) unrecorded.note(`f${index}`, [])
    expect(unrecorded.nearestRecorded(['first'])).toEqual(['first'])
  })
})
