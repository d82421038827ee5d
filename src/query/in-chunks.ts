/** Values in one `in (…)`: well below what databases take as parameters of a statement. */
const CHUNK_SIZE = 5_000

/** Asks about any number of values, some at a time, and puts the answers together. */
export async function inChunks<V, R>(
  values: readonly V[],
  ask: (chunk: readonly V[]) => Promise<readonly R[]>,
): Promise<R[]> {
  const answers: R[] = []
  for (let start = 0; start < values.length; start += CHUNK_SIZE) {
    for (const answer of await ask(values.slice(start, start + CHUNK_SIZE))) answers.push(answer)
  }
  return answers
}
