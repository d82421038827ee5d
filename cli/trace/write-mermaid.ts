import { printable } from '../printable.js'
import type { CausalGraph } from './causal-graph.js'
import { labelLines } from './graph-label.js'

/**
 * A trace as a Mermaid flowchart (https://mermaid.js.org/syntax/flowchart.html), causes on the
 * left. Nodes have numbers for names: an id can be anything.
 */
export function* writeMermaid({ events, links, start }: CausalGraph): Generator<string> {
  const names = new Map([...events.keys()].map((id, at) => [id, `n${at}`]))
  yield 'flowchart LR'
  for (const [id, event] of events) {
    const label = labelLines(id, event).map(escape).join('<br/>')
    yield `  ${names.get(id)}["${label}"]`
    if (event === undefined) yield `  style ${names.get(id)} stroke-dasharray: 5 5`
  }
  yield `  style ${names.get(start)} stroke-width: 3px`
  for (const { cause, effect } of links) yield `  ${names.get(cause)} --> ${names.get(effect)}`
}

/**
 * What may mean something to Mermaid, or to the Markdown that it reads in labels: dots, hyphens
 * and underscores mean nothing between letters and digits alone.
 */
const SPECIAL = /[^\p{L}\p{M}\p{N} .,:_-]|(?<![\p{L}\p{N}])[-._]|[-._](?![\p{L}\p{N}])/gu

/** Each is spelled as Mermaid's entity code. */
function escape(text: string): string {
  return printable(text).replaceAll(SPECIAL, (sign) => `#${sign.codePointAt(0)};`)
}
