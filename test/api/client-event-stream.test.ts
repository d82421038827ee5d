import { createParser } from 'eventsource-parser'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { EventStreamParser, type StreamBlock } from '#api/client/event-stream-parser.js'

function parse(...pieces: readonly string[]): StreamBlock[] {
  const parser = new EventStreamParser()
  return pieces.flatMap((piece) => parser.feed(piece))
}

/** A text in pieces, cut after so many characters each. */
function cutAt(text: string, places: readonly number[]): string[] {
  const ends = [...places.map((place) => place % (text.length + 1)), text.length]
  const sorted = ends.toSorted((a, b) => a - b)
  return sorted.map((end, index) => text.slice(sorted[index - 1] ?? 0, end))
}

const line = fc.oneof(
  fc.constantFrom('', '', '', ':', ': comment', 'data', 'data:', 'data: ', 'id', 'event', 'event:'),
  fc
    .tuple(
      fc.constantFrom('data', 'data', 'id', 'event', 'other', 'Data', ' data'),
      fc.constantFrom(':', ': ', ':  '),
      fc.string({ unit: fc.constantFrom('a', ':', ' ', 'é', '😀', '\u2028', '{', '"') }),
    )
    .map((parts) => parts.join('')),
)
const lineEnd = fc.constantFrom('\n', '\n', '\r', '\r\n')
const streamText = fc
  .array(fc.tuple(line, lineEnd), { maxLength: 30 })
  .map((lines) => `${lines.flat().join('')}\n\n`)
const places = fc.array(fc.nat(), { maxLength: 10 })

describe('EventStreamParser', () => {
  it('gives blocks when they end', () => {
    expect(parse('event: event\nid: 1\ndata: {"a":\ndata:1}\n')).toEqual([])
    expect(parse('event: event\nid: 1\ndata: {"a":\ndata:1}\n\n: comment\n\ndata:  x\n\n')).toEqual(
      [
        { event: 'event', id: '1', data: '{"a":\n1}' },
        { event: undefined, id: undefined, data: ' x' },
      ],
    )
  })

  it('tells a position without a message, and nothing of a block without either', () => {
    expect(parse('id: 7\n\nevent: nothing\n\nid\n\nid: a\0b\n\n')).toEqual([
      { event: undefined, id: '7', data: undefined },
      { event: undefined, id: '', data: undefined },
    ])
  })

  it('knows how long to wait', () => {
    const parser = new EventStreamParser()
    expect(parser.retryMs).toBeUndefined()
    parser.feed('retry: 2500\nretry: soon\nretry:\nretry: -1\n')
    expect(parser.retryMs).toBe(2_500)
  })

  it('reads the same wherever the stream is cut', () => {
    fc.assert(
      fc.property(streamText, places, (text, cuts) => {
        expect(parse(...cutAt(text, cuts))).toEqual(parse(text))
      }),
    )
  })

  it('reads the messages that eventsource-parser reads', () => {
    fc.assert(
      fc.property(streamText, (text) => {
        const expected: unknown[] = []
        createParser({
          onEvent: ({ event, id, data }) => expected.push({ event, id, data }),
        }).feed(text)
        const messages = parse(text).filter(({ data }) => data !== undefined)
        expect(
          messages.map(({ event, ...message }) => ({
            ...message,
            event: event === '' ? undefined : event,
          })),
        ).toEqual(expected)
      }),
    )
  })
})
