import { TurnlogConnectionError } from './client-errors.js'

/**
 * The lines of a text that comes in pieces.
 *
 * @throws TurnlogConnectionError when the text ends within a line
 */
export async function* readLines(pieces: AsyncIterable<string>): AsyncGenerator<string> {
  let begun = ''
  for await (const piece of pieces) {
    const [first = '', ...others] = piece.split('\n')
    begun += first
    for (const next of others) {
      yield begun
      begun = next
    }
  }
  if (begun !== '') throw new TurnlogConnectionError('the answer ends within a line')
}
