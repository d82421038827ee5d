/**
 * JSON texts with commas between them. They are added to each other, which
 * copies none of them: turning the whole answer into bytes does that.
 */
export function joinTexts(texts: readonly string[]): string {
  let joined = ''
  for (const text of texts) joined += joined === '' ? text : `,${text}`
  return joined
}
