import type { Command } from 'commander'
import { z } from 'zod'
import { causalityFields, TRACE_DIRECTIONS } from '../src/query/causality-fields.js'
import { exclusiveOptions } from './exclusive-options.js'
import { addFieldOptions, type FieldFlags, readFields } from './field-options.js'
import { addLocationOptions, locate } from './location.js'
import { type Output, writeLine } from './output.js'
import type { CausalGraph } from './trace/causal-graph.js'

interface TraceOptions {
  readonly json?: true
  readonly dot?: true
  readonly mermaid?: true
}

const causalitySchema = z.strictObject(causalityFields)

const FLAGS: FieldFlags<keyof typeof causalityFields> = {
  depth: { flag: '--depth <n>', help: 'steps from the event, from 1 to 20 (default: 5)' },
  direction: {
    flag: '--direction <way>',
    help: 'to its causes, to its effects, or both (default)',
    choices: TRACE_DIRECTIONS,
  },
  max_nodes: {
    flag: '--max-nodes <n>',
    help: 'events each way, the nearest first, from 1 to 10000 (default: 1000)',
  },
}

/** What is printed, when not trees. */
const FORMS = {
  dot: 'print a graph for Graphviz',
  mermaid: 'print a flowchart for Mermaid',
  json: 'print one JSON object, as the API answers it',
}

/** `turnlog trace`: what led to an event, and what it led to. */
export function addTraceCommand(program: Command, output: Output): void {
  const command = program
    .command('trace')
    .summary('show what led to an event, and what it led to')
    .description(
      'Shows the causes of an event and its effects as trees: in each of them an event stands once, as near as it can.',
    )
    .argument('<run>', 'id of the run: the name of its directory')
    .argument('<event>', 'id of the event')
  addFieldOptions(addLocationOptions(command), FLAGS)
  for (const option of exclusiveOptions(FORMS)) command.addOption(option)
  command
    .addHelpText(
      'after',
      `
Examples:
  $ turnlog trace market-1 01K6QJDKX23Q3A3C5ZRT9M22E7
  $ turnlog trace market-1 01K6QJDKX23Q3A3C5ZRT9M22E7 --direction upstream --depth 10
  $ turnlog trace market-1 01K6QJDKX23Q3A3C5ZRT9M22E7 --dot | dot -Tsvg > causes.svg`,
    )
    .action(async (run: string, event: string, options: TraceOptions) => {
      const query = readFields(command, causalitySchema, FLAGS)
      const { root, db } = locate(command)
      const { openStore } = await import('../src/store/open-store.js')
      const store = openStore(root, { db })
      try {
        const trace = await store.traceText(run, event, query)
        if (options.json === true) {
          writeLine(output.out, trace)
          return
        }
        const { readCausalGraph } = await import('./trace/causal-graph.js')
        const lines = await findForm(options, output)
        writeLine(output.out, [...lines(readCausalGraph(trace))].join('\n'))
      } finally {
        await store.close()
      }
    })
}

/** What makes the lines of a trace. */
async function findForm(
  { dot, mermaid }: TraceOptions,
  { out }: Output,
): Promise<(graph: CausalGraph) => Iterable<string>> {
  if (dot === true) return (await import('./trace/write-dot.js')).writeDot
  if (mermaid === true) return (await import('./trace/write-mermaid.js')).writeMermaid
  const { drawTrace } = await import('./trace/draw-tree.js')
  const { coloursFor } = await import('./colour.js')
  return (graph) => drawTrace(graph, coloursFor(out))
}
