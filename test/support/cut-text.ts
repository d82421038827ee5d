import fc from 'fast-check'

/** A text as bytes that arrive in pieces, cut anywhere, also within a letter. */
export function inPieces(text: string): fc.Arbitrary<readonly Uint8Array[]> {
  const bytes = new TextEncoder().encode(text)
  return fc
    .array(fc.nat({ max: bytes.length }), { maxLength: 20 })
    .map((cuts) => [0, ...cuts.toSorted((a, b) => a - b), bytes.length])
    .map((places) => places.slice(1).map((end, index) => bytes.slice(places[index], end)))
}

/** An answer whose body arrives in these pieces, and then ends or breaks off. */
export function answerInPieces(
  contentType: string,
  pieces: readonly Uint8Array[],
  end: 'ends' | 'breaks off' = 'ends',
): Response {
  const left = [...pieces]
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      const next = left.shift()
      if (next !== undefined) controller.enqueue(next)
      else if (end === 'ends') controller.close()
      else controller.error(new TypeError('terminated'))
    },
  })
  return new Response(body, { headers: { 'Content-Type': contentType } })
}
