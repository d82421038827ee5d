/**
 * Whether two JSON texts have the same value: keys in any order, numbers in any
 * spelling. However deep they are nested, the stack does not grow.
 *
 * @throws SyntaxError when one of them is not JSON
 */
export function isSameJson(a: string, b: string): boolean {
  if (a === b) return true
  const pairs: [unknown, unknown][] = [[JSON.parse(a), JSON.parse(b)]]
  for (let pair = pairs.pop(); pair !== undefined; pair = pairs.pop()) {
    const [left, right] = pair
    if (left === right) continue
    if (!isContainer(left) || !isContainer(right)) return false
    const keys = Object.keys(left)
    if (Array.isArray(left) !== Array.isArray(right)) return false
    if (keys.length !== Object.keys(right).length) return false
    for (const key of keys) {
      if (!Object.hasOwn(right, key)) return false
      pairs.push([left[key], right[key]])
    }
  }
  return true
}

function isContainer(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null
}
