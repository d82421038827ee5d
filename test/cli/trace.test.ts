import { execFileSync } from 'node:child_process'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { coloursFor } from '#cli/colour.js'
import { processOutput } from '#cli/output.js'
import { type CausalGraph, readCausalGraph } from '#cli/trace/causal-graph.js'
import { drawTrace } from '#cli/trace/draw-tree.js'
import { writeDot } from '#cli/trace/write-dot.js'
import { writeMermaid } from '#cli/trace/write-mermaid.js'
import { openStore } from '#src/store/open-store.js'
import type { Causality } from '#src/store/recorded-event.js'
import { eventLine } from '../support/event-lines.js'
import { type IndexedRoot, withIndexedRoot } from '../support/indexed-root.js'
import { runCli } from '../support/run-cli.js'

const plain = coloursFor(processOutput.out, { NO_COLOR: '1' })

/** Text that means something in a terminal, in DOT or in Mermaid. */
const HOSTILE = [
  'clear \u001b[2J\u001b]0;title\u0007 \r\n\t\u009b31m \u202e',
  String.raw`quote " backslash \ end \N \G \"`,
  '"] --> x["<b>&amp;</b>; #quot; `a` %% {} | (()) click n0',
  '"]; n0 -> n9; label="',
  '北京 é ﻿ 😀',
  '1. Buy - _now_ --- x.y agent_1',
]

// eslint-disable-next-line no-control-regex -- these are what is looked for
const CONTROL_CHARACTER = /[\u0000-\u001f\u007f-\u009f\u202e]/

type Edge = readonly [cause: string, effect: string]

function edgesOf({ links, missing }: Causality): string[] {
  return [...links, ...missing].map(({ cause, effect }) => spell([cause, effect])).sort()
}

function spell([cause, effect]: Edge): string {
  return `${cause} → ${effect}`
}

/** Reads a drawn tree: what hangs from what, and which events stand in full. */
function readTrees(lines: readonly string[]) {
  const start = /^\S+/.exec(lines[0] ?? '')?.[0] ?? ''
  const edges: Edge[] = []
  const inFull: Record<'caused by' | 'led to', string[]> = { 'caused by': [], 'led to': [] }
  let side: 'caused by' | 'led to' = 'caused by'
  let path: string[] = []
  for (const [at, line] of lines.entries()) {
    if (line === 'caused by' || line === 'led to') {
      side = line
      path = [start]
      continue
    }
    const match = /^((?:[│ ] {2})*)[├└]─ (\S+)(?: \(shown (above|below)\))?/.exec(line)
    if (match === null) continue
    const [, indent = '', id = '', elsewhere] = match
    path.length = indent.length / 3 + 1
    const parent = path.at(-1) ?? ''
    edges.push(side === 'caused by' ? [id, parent] : [parent, id])
    path.push(id)
    if (elsewhere === undefined) inFull[side].push(id)
    else expect(standsInFull(id, elsewhere === 'above' ? lines.slice(0, at) : lines.slice(at + 1)))
  }
  return { start, edges, inFull }
}

function standsInFull(id: string, lines: readonly string[]): boolean {
  return lines.some((line) => line.includes(`${id}  `) || line.includes(`${id} (missing`))
}

/** Reads a flowchart by the grammar that is made use of, and no other. */
function readMermaid(text: string) {
  const labels = new Map<string, string>()
  const edges: (readonly [string, string])[] = []
  const [head, ...lines] = text.split('\n')
  expect(head).toBe('flowchart LR')
  for (const line of lines) {
    const node = /^ {2}(n\d+)\["((?:[\p{L}\p{M}\p{N} .,:_-]|#\d+;|<br\/>)*)"\]$/u.exec(line)
    const edge = /^ {2}(n\d+) --> (n\d+)$/.exec(line)
    if (node !== null) labels.set(node[1] ?? '', node[2] ?? '')
    else if (edge !== null) edges.push([edge[1] ?? '', edge[2] ?? ''])
    else expect(line).toMatch(/^ {2}style n\d+ (stroke-width: 3px|stroke-dasharray: 5 5)$/)
  }
  return { labels, edges }
}

function unescape(label: string): string {
  return label.replaceAll(/#(\d+);/g, (_, code: string) => String.fromCodePoint(Number(code)))
}

interface DotGraph {
  readonly objects: readonly { readonly _gvid: number; readonly label: string }[]
  readonly edges?: readonly { readonly tail: number; readonly head: number }[]
}

/** Has Graphviz itself read a graph. */
function readDot(text: string): DotGraph {
  const json = execFileSync('dot', ['-Tjson0'], { input: text, encoding: 'utf8' })
  return JSON.parse(json) as DotGraph
}

async function traceOf(indexed: IndexedRoot, id: string, maxNodes = 1_000) {
  const store = openStore(indexed.root)
  try {
    const text = await store.traceText('run', id, { depth: 4, max_nodes: maxNodes })
    return { trace: JSON.parse(text) as Causality, graph: readCausalGraph(text) }
  } finally {
    await store.close()
  }
}

const EVENTS = 9
const idOf = (number: number): string => `e${number}`
/** The causes of each event: any at all, later ones, itself and unknown ones included. */
const causes = fc.array(fc.uniqueArray(fc.nat({ max: EVENTS + 1 }), { maxLength: 4 }), {
  minLength: EVENTS,
  maxLength: EVENTS,
})

describe('turnlog trace', () => {
  it('draws every link once, whatever graph it is', async () => {
    const graph = fc.tuple(causes, fc.nat({ max: EVENTS - 1 }), fc.constantFrom(3, 1_000))
    await fc.assert(
      fc.asyncProperty(graph, async ([causesOf, asked, maxNodes]) => {
        const lines = causesOf.map((named, at) => eventLine(idOf(at), { causes: named.map(idOf) }))
        await withIndexedRoot({ run: { 'events.jsonl': lines } }, async (indexed) => {
          const { trace, graph } = await traceOf(indexed, idOf(asked), maxNodes)
          const { start, edges, inFull } = readTrees([...drawTrace(graph, plain)])
          expect(start).toBe(trace.event_id)
          const missing = new Set(trace.missing.map(({ cause }) => cause))
          const ids = (events: Causality['upstream']) => events.map(({ event_id: id }) => id)
          expect(inFull['caused by'].sort()).toEqual([...ids(trace.upstream), ...missing].sort())
          expect(inFull['led to'].sort()).toEqual(ids(trace.downstream).sort())
          const isOnSide = (
            events: Causality['upstream'],
            { cause, effect }: Causality['links'][0],
          ) => [cause, effect].every((id) => id === start || ids(events).includes(id))
          const drawn = [
            ...[...trace.links.filter((link) => isOnSide(trace.upstream, link)), ...trace.missing],
            ...trace.links.filter((link) => isOnSide(trace.downstream, link)),
          ].map(({ cause, effect }) => spell([cause, effect]))
          expect(edges.map(spell).sort()).toEqual(drawn.sort())

          const flowchart = readMermaid([...writeMermaid(graph)].join('\n'))
          const idAt = (name: string): string =>
            unescape(flowchart.labels.get(name) ?? '')
              .split('<br/>')
              .find((part) => /^e\d+$/.test(part)) ?? ''
          const arrows = flowchart.edges.map(([from, to]) => spell([idAt(from), idAt(to)]))
          expect(arrows.sort()).toEqual(edgesOf(trace))
        })
      }),
      { numRuns: 60 },
    )
  })

  it('is read by Graphviz as it was meant', async () => {
    const lines = [
      ...HOSTILE.map((description, at) =>
        eventLine(`${idOf(at)} "\\`, { description, causes: at === 0 ? ['gone'] : [`e0 "\\`] }),
      ),
    ]
    await withIndexedRoot({ run: { 'events.jsonl': lines } }, async (indexed) => {
      const { trace, graph } = await traceOf(indexed, 'e0 "\\')
      const { objects, edges = [] } = readDot([...writeDot(graph)].join('\n'))
      const idAt = new Map(objects.map(({ _gvid: number, label }) => [number, unescapeDot(label)]))
      const read = edges.map(({ tail, head }) =>
        spell([idAt.get(tail) ?? '', idAt.get(head) ?? '']),
      )
      expect(read.sort()).toEqual(edgesOf(trace))
      expect(objects.map(({ label }) => label).join('\n')).toContain(
        String.raw`quote " backslash \\ end \\N \\G`,
      )
    })
  })

  it('lets nothing that an event says steer a terminal or a drawing', async () => {
    const lines = HOSTILE.map((description, at) =>
      eventLine(idOf(at), { description, agent: description, causes: at === 0 ? [] : ['e0'] }),
    )
    await withIndexedRoot({ run: { 'events.jsonl': lines } }, async (indexed) => {
      const { graph } = await traceOf(indexed, 'e0')
      for (const write of [(of: CausalGraph) => drawTrace(of, plain), writeDot, writeMermaid]) {
        for (const line of write(graph)) expect(line).not.toMatch(CONTROL_CHARACTER)
      }
      const { labels } = readMermaid([...writeMermaid(graph)].join('\n'))
      expect(labels.size).toBe(HOSTILE.length)
      // Neither a list nor emphasis to who reads labels as Markdown.
      const list = '1#46; Buy #45; #95;now#95; #45;#45;#45; x.y agent_1'
      expect([...labels.values()].join()).toContain(list)
      expect(readDot([...writeDot(graph)].join('\n')).objects).toHaveLength(HOSTILE.length)
    })
  })

  it('prints what the API answers, and says what is wrong', async () => {
    const lines = [eventLine('a'), eventLine('b', { causes: ['a', 'gone'] })]
    await withIndexedRoot({ 'market-1': { 'events.jsonl': lines } }, async ({ root }) => {
      const at = ['--root', root]
      const json = await runCli('trace', ...at, 'market-1', 'b', '--json')
      expect(JSON.parse(json.stdout)).toMatchObject({
        event_id: 'b',
        upstream: [{ event_id: 'a', depth: 1 }],
        missing: [{ cause: 'gone', effect: 'b' }],
      })
      expect((await runCli('trace', ...at, 'market-1', 'b')).stdout).toContain('gone (missing')
      expect((await runCli('trace', ...at, 'market-1', 'a')).stdout).toContain('└─ b  turn 0')

      const unknownRun = await runCli('trace', ...at, 'market-2', 'b')
      expect(unknownRun).toMatchObject({ code: 1, stdout: '' })
      expect(unknownRun.stderr).toContain('did you mean market-1?')
      expect(await runCli('trace', ...at, 'market-1', 'nothing')).toMatchObject({ code: 1 })
      const wrong = await runCli(
        'trace',
        ...at,
        'market-1',
        'b',
        '--depth',
        '21',
        '--direction',
        'up',
      )
      expect(wrong).toMatchObject({ code: 2, stdout: '' })
      expect(wrong.stderr).toMatch(/--depth "21".*--direction "up"/)
      expect(await runCli('trace', ...at, 'market-1', 'b', '--dot', '--json')).toMatchObject({
        code: 2,
      })
    })
  })
})

/** The id stands in the last line of a label, or before `missing`. */
function unescapeDot(label: string): string {
  const lines = label.split('\\n')
  const id = lines.at(-1) === 'missing' ? lines.at(-2) : lines.at(-1)
  return (id ?? '').replaceAll(/\\(.)/g, '$1')
}
