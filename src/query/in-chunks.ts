/** Values in one `in (…)`: well below what databases take as parameters of a statement. */
const CHUNK_SIZE = 5_000

/** Any number of values, some at a time. */
export function chunksOf<V>(values: readonly V[]): (readonly V[])[] {
  const chunks: (readonly V[])[] = []
  for (let start = 0; start < values.length; start += CHUNK_SIZE) {
    chunks.push(values.slice(start, start + CHUNK_SIZE))
  }
  return chunks
}

/** Asks about any number of values, some at a time, and puts the answers together. */
export async function inChunks<V, R>(
  values: readonly V[],
  ask: (chunk: readonly V[]) => Promise<readonly R[]>,
): Promise<R[]> {
  const answers: R[] = []
  for (const chunk of chunksOf(values)) {
    for (const answer of await ask(chunk)) answers.push(answer)
  }
  return answers
}
