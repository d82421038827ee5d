import type { CausalGraph } from './causal-graph.js'

/** An event in a tree. */
export interface TreeNode {
  readonly id: string
  /** Where it stands in full, when that is not here; its own causes or effects are there. */
  readonly elsewhere?: 'above' | 'below'
  readonly children: readonly TreeNode[]
}

/** Which way a tree grows from the event: to its causes, or to its effects. */
export type TreeDirection = 'upstream' | 'downstream'

/**
 * Lays causes or effects out as a tree. Each event stands in full once, as near to the start as
 * it can; where another link leads to it, its place is told. So neither a diamond nor a cycle
 * makes it grow.
 *
 * @returns the nodes nearest to the start
 */
export function growTree(graph: CausalGraph, direction: TreeDirection): readonly TreeNode[] {
  const distances = graph[direction]
  const branches = branchesOf(graph, direction)
  const isNext = (from: string, to: string): boolean =>
    distances.get(to) === (distances.get(from) ?? 0) + 1
  // The first link that leads to an event from a step nearer is the one it hangs from.
  const parents = new Map<string, string>()
  for (const id of [...distances.keys()].sort(byNumber(distances))) {
    for (const next of branches.get(id) ?? []) {
      if (isNext(id, next) && !parents.has(next)) parents.set(next, id)
    }
  }
  const shown = new Set([graph.start])
  const grow = (id: string): readonly TreeNode[] =>
    (branches.get(id) ?? []).map((next) => {
      if (parents.get(next) !== id) {
        return { id: next, elsewhere: shown.has(next) ? 'above' : 'below', children: [] }
      }
      shown.add(next)
      return { id: next, children: grow(next) }
    })
  return grow(graph.start)
}

/** Where links lead from each event, to events of this side alone. */
function branchesOf(graph: CausalGraph, direction: TreeDirection): Map<string, string[]> {
  const distances = graph[direction]
  const branches = new Map<string, string[]>()
  for (const { cause, effect } of graph.links) {
    const [from, to] = direction === 'upstream' ? [effect, cause] : [cause, effect]
    if (!distances.has(from) || !distances.has(to)) continue
    const known = branches.get(from)
    if (known === undefined) branches.set(from, [to])
    else known.push(to)
  }
  return branches
}

function byNumber(numbers: ReadonlyMap<string, number>): (a: string, b: string) => number {
  return (a, b) => (numbers.get(a) ?? 0) - (numbers.get(b) ?? 0)
}
