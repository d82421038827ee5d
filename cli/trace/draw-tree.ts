import type { Colours } from '../colour.js'
import { count } from '../output.js'
import type { Causality } from '../../src/store/recorded-event.js'
import { toCausalGraph, type CausalGraph } from './causal-graph.js'
import { growTree, type TreeNode } from './causal-tree.js'
import { describeEvent } from './event-label.js'

/** What a trace shows, and what its words are. */
const SIDES = [
  { direction: 'upstream', title: 'caused by' },
  { direction: 'downstream', title: 'led to' },
] as const

/** A trace for people: the event, then its causes and its effects as trees. */
export function* drawTrace(trace: Causality, colours: Colours): Generator<string> {
  const graph = toCausalGraph(trace)
  yield label(graph, graph.start, colours)
  for (const { direction, title } of SIDES) {
    const roots = growTree(graph, direction)
    if (roots.length === 0) continue
    yield ''
    yield title
    yield* drawBranches(graph, roots, '', colours)
  }
  if (graph.events.size === 1) yield 'it names no cause, and no event names it'
  if (trace.truncated) {
    const shown = count(trace.upstream.length + trace.downstream.length, 'event')
    yield ''
    yield `there are more than these ${shown}: --max-nodes shows more of them`
  }
}

interface Branch {
  readonly node: TreeNode
  readonly indent: string
  readonly isLast: boolean
}

/** Not recursive: a chain of causes may be long. */
function* drawBranches(
  graph: CausalGraph,
  roots: readonly TreeNode[],
  indent: string,
  colours: Colours,
): Generator<string> {
  const waiting = branchesOf(roots, indent).reverse()
  for (let branch = waiting.pop(); branch !== undefined; branch = waiting.pop()) {
    const { node, indent: before, isLast } = branch
    const place = node.elsewhere === undefined ? '' : colours.dim(` (shown ${node.elsewhere})`)
    const text = node.elsewhere === undefined ? label(graph, node.id, colours) : node.id
    yield `${before}${colours.dim(isLast ? '└─' : '├─')} ${text}${place}`
    const children = branchesOf(node.children, `${before}${isLast ? '   ' : `${colours.dim('│')}  `}`)
    waiting.push(...children.reverse())
  }
}

function branchesOf(nodes: readonly TreeNode[], indent: string): Branch[] {
  return nodes.map((node, at) => ({ node, indent, isLast: at === nodes.length - 1 }))
}

function label(graph: CausalGraph, id: string, colours: Colours): string {
  const event = graph.events.get(id)
  if (event === undefined) return `${printable(id)} ${colours.red('(missing: the run has no such event)')}`
  const { turn, what, agent, says } = describeEvent(event)
  return [
    colours.dim(printable(id)),
    turn,
    colours.bold(what),
    ...(agent === '' ? [] : [colours.cyan(agent)]),
    ...(says === '' ? [] : [says]),
  ].join('  ')
}
