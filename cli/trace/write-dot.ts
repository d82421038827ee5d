import { printable } from '../printable.js'
import type { CausalGraph } from './causal-graph.js'
import { labelLines } from './graph-label.js'

/**
 * A trace in the DOT language of Graphviz (https://graphviz.org/doc/info/lang.html), causes on
 * the left. Nodes have numbers for names: an id can be anything.
 */
export function* writeDot({ events, links, start }: CausalGraph): Generator<string> {
  const names = new Map([...events.keys()].map((id, at) => [id, `n${at}`]))
  yield 'digraph causality {'
  yield '  rankdir=LR'
  yield '  node [shape=box, fontname="sans-serif"]'
  for (const [id, event] of events) {
    const styles = [
      ...(id === start ? ['penwidth=3'] : []),
      ...(event === undefined ? ['style=dashed'] : []),
    ]
    const label = labelLines(id, event).map(escape).join('\\n')
    yield `  ${names.get(id)} [${[`label="${label}"`, ...styles].join(', ')}]`
  }
  for (const { cause, effect } of links) yield `  ${names.get(cause)} -> ${names.get(effect)}`
  yield '}'
}

/** In a label, a backslash begins an escape. */
function escape(text: string): string {
  return printable(text).replaceAll(/[\\"]/g, String.raw`\$&`)
}
