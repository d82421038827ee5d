import { type EmitFigures, type EmitRow, FILTERED_EVENTS, SLOW_PEER } from './emit.js'
import { PATTERNS } from './emit-job.js'
import { mebibytes, micros, number, verdict } from './format-figure.js'

/** What turnlog promises of a pattern: a figure and the bound it must keep to. */
interface Goal {
  readonly figure: string
  readonly goal: string
  readonly measure: (turnlog: EmitRow, pino: EmitRow) => number
  readonly isMet: (value: number) => boolean
  readonly format: (value: number) => string
}

const GOALS: readonly Goal[] = [
  {
    figure: 'p50',
    goal: '≤ 3 µs',
    measure: ({ p50 }) => p50,
    isMet: (value) => value <= 3,
    format: (value) => `${micros(value)} µs`,
  },
  {
    figure: 'p99.9',
    goal: '≤ 50 µs',
    measure: ({ p999 }) => p999,
    isMet: (value) => value <= 50,
    format: (value) => `${micros(value)} µs`,
  },
  {
    figure: 'p50 / p50 of pino',
    goal: '≤ 0.5',
    measure: (turnlog, pino) => turnlog.p50 / pino.p50,
    isMet: (value) => value <= 0.5,
    format: (value) => value.toFixed(2),
  },
  {
    figure: 'events/s to the file / those of pino',
    goal: '≥ 4',
    measure: (turnlog, pino) => turnlog.rate / pino.rate,
    isMet: (value) => value >= 4,
    format: (value) => value.toFixed(2),
  },
  {
    figure: 'dropped',
    goal: '0',
    measure: ({ dropped }) => dropped,
    isMet: (value) => value === 0,
    format: number,
  },
  {
    figure: 'memory above the baseline',
    goal: '< 64 MiB',
    measure: ({ memory }) => memory,
    isMet: (value) => value < 64 * 2 ** 20,
    format: (value) => `${mebibytes(value)} MiB`,
  },
]

const FILTERED_GOAL = 0.1

/** The part of the report about emitting, as Markdown. */
export function describeEmit(figures: EmitFigures, events: number, rounds: number): string {
  const { rows, filteredCost } = figures
  return `From the call of the builder to its event being handed over: with \`EventWriter\`, its defaults
and \`createActionEvent\`; with the others, an object of the same fields, its id from \`ulid\` and
its time from \`Date\`, unchecked. pino writes to a \`pino.destination\` with \`sync: false\` and
\`minLength: 4096\`; \`createWriteStream\` and \`appendFileSync\` write a line per event.

${number(events)} events each in a process of its own, only ${number(Math.ceil(events / SLOW_PEER.part))} with the slow \`${SLOW_PEER.peer}\`; medians of
${rounds} rounds, drops of all rounds together. The tight loop never yields; bursts are of 1,000 events,
with a turn of the event loop between them. "To the file" counts from the first event until the
file is complete, and its lines are counted afterwards. Memory is resident memory at its highest,
above what the process had before it began; what buffers without limit shows there.

| peer | pattern | p50 µs | p99 µs | p99.9 µs | events/s to the file | dropped | memory MiB | bytes/line |
|---|---|---|---|---|---|---|---|---|
${rows.map(describeRow).join('\n')}

| turnlog | goal | ${PATTERNS.join(' | ')} |
|---|---|${'---|'.repeat(PATTERNS.length)}
${GOALS.map((goal) => describeGoal(goal, rows)).join('\n')}
| emit() of an event that the verbosity filters out | ≤ ${FILTERED_GOAL} µs | ${verdict(`${filteredCost.toFixed(3)} µs`, filteredCost <= FILTERED_GOAL)} | |

The last is \`emit()\` alone, ${number(FILTERED_EVENTS)} times: the whole divided by the number.
`
}

function describeRow(row: EmitRow): string {
  const { peer, pattern, p50, p99, p999, rate, dropped, memory, bytesPerLine } = row
  const latencies = [p50, p99, p999].map(micros)
  const rest = [rate, dropped].map(number)
  const cells = [peer, pattern, ...latencies, ...rest, mebibytes(memory), number(bytesPerLine)]
  return `| ${cells.join(' | ')} |`
}

function describeGoal(goal: Goal, rows: readonly EmitRow[]): string {
  const cells = PATTERNS.map((pattern) => {
    const turnlog = rows.find((row) => row.pattern === pattern && row.peer === 'turnlog')
    const pino = rows.find((row) => row.pattern === pattern && row.peer === 'pino')
    if (turnlog === undefined || pino === undefined) return 'not measured'
    const value = goal.measure(turnlog, pino)
    return verdict(goal.format(value), goal.isMet(value))
  })
  return `| ${[goal.figure, goal.goal, ...cells].join(' | ')} |`
}
