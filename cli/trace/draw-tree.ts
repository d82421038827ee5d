import type { Colours } from '../colour.js'
import { count } from '../output.js'
import { printable } from '../printable.js'
import type { CausalGraph } from './causal-graph.js'
import { growTree, type TreeNode } from './causal-tree.js'
import { describeEvent } from '../event-label.js'

/** What a trace shows, and what its words are. */
const SIDES = [
  { direction: 'upstream', title: 'caused by' },
  { direction: 'downstream', title: 'led to' },
] as const

/** A trace for people: the event, then its causes and its effects as trees. */
export function* drawTrace(graph: CausalGraph, colours: Colours): Generator<string> {
  yield label(graph, graph.start, colours)
  for (const { direction, title } of SIDES) {
    const roots = growTree(graph, direction)
    if (roots.length === 0) continue
    yield ''
    yield title
    yield* drawBranches(graph, roots, '', colours)
  }
  if (graph.truncated) {
    const others = [...graph.events.values()].filter((event) => event !== undefined).length - 1
    const shown = count(others, 'event')
    yield ''
    yield `there are more than these ${shown}: --max-nodes shows more of them`
  }
}

function* drawBranches(
  graph: CausalGraph,
  nodes: readonly TreeNode[],
  indent: string,
  colours: Colours,
): Generator<string> {
  for (const [at, { id, elsewhere, children }] of nodes.entries()) {
    const isLast = at === nodes.length - 1
    const text =
      elsewhere === undefined
        ? label(graph, id, colours)
        : colours.dim(`${printable(id)} (shown ${elsewhere})`)
    yield `${indent}${colours.dim(isLast ? '└─' : '├─')} ${text}`
    yield* drawBranches(graph, children, `${indent}${isLast ? ' ' : colours.dim('│')}  `, colours)
  }
}

function label(graph: CausalGraph, id: string, colours: Colours): string {
  const event = graph.events.get(id)
  if (event === undefined)
    return `${printable(id)} ${colours.red('(missing: the run has no such event)')}`
  const { turn, what, agent, says } = describeEvent(event)
  return [
    colours.dim(printable(id)),
    turn,
    colours.bold(what),
    ...(agent === '' ? [] : [colours.cyan(agent)]),
    ...(says === '' ? [] : [says]),
  ].join('  ')
}
