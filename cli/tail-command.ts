import { basename, join } from 'node:path'
import { type Command, InvalidArgumentError } from 'commander'
import type { TurnlogError } from '../src/errors.js'
import { CONTROL_DIRECTORY } from '../src/event/simulation-id.js'
import type { Discovery } from '../src/segment/discovery.js'
import { LOCATION_SETTINGS } from '../src/settings.js'
import { unknownSimulation } from '../src/unknown-simulation.js'
import { EXIT_CODES, type Finish } from './exit-code.js'
import { addFilterOptions, readFilter } from './filter-options.js'
import { interruption } from './interruption.js'
import { type Output, writeLine } from './output.js'
import { printable } from './printable.js'
import { addSettings, readSettings } from './read-settings.js'
import type { TailItem } from './tail/tail-items.js'

interface TailOptions {
  readonly lines: number
  readonly follow: boolean
  readonly retry?: true
  readonly json?: true
}

/** Runs are read from their files: there is no sidecar to be told of. */
const SETTINGS = { root: LOCATION_SETTINGS.root }

const DEFAULT_LINES = 10

/** `turnlog tail`: the last events of a run, and those that are written. */
export function addTailCommand(program: Command, output: Output, finish: Finish): void {
  const command = program
    .command('tail')
    .summary('follow the events of a run as they are written')
    .description(
      'Shows the last events of a run, then each as it is written, until interrupted. It reads the files themselves: nothing has to be indexed.',
    )
    .argument('<run>', 'id of the run: the name of its directory')
  addFilterOptions(addSettings(command, SETTINGS))
    .option('-n, --lines <n>', 'events to begin with', parseLines, DEFAULT_LINES)
    .option('--no-follow', 'end behind the last event that is there')
    .option('--retry', 'wait for a run that is not there yet')
    .option('--json', 'print each event on a line of its own, exactly as it was recorded')
    .addHelpText(
      'after',
      `
Examples:
  $ turnlog tail market-1
  $ turnlog tail market-1 --type DECISION --agent alice
  $ turnlog tail market-1 --lines 0 --json | jq .description
  $ turnlog tail market-1 --retry`,
    )
    .action(async (run: string, { lines, follow, retry, json }: TailOptions) => {
      const { root } = readSettings(command, SETTINGS)
      const [{ createMatcher }, { discoverSegments }, { tailEvents }, { writePieces }] =
        await Promise.all([
          import('../src/query/event-matcher.js'),
          import('../src/segment/discovery.js'),
          import('./tail/tail-events.js'),
          import('./write-pieces.js'),
        ])
      const signal = interruption()
      if (!canBeRun(run)) throw missingRun(root, run, discoverSegments(root))
      const items = tailEvents({
        root,
        simulation: run,
        matcher: createMatcher(readFilter(command)),
        last: lines,
        follows: follow,
        onMissing: () => {
          if (retry !== true) throw missingRun(root, run, discoverSegments(root))
          tell(output, `waiting for ${join(root, run)}`)
        },
        onTrouble: ({ path, message }) => {
          tell(output, `${path} ${message}`)
          if (!follow) finish(EXIT_CODES.problem)
        },
        signal,
      })
      const spell = json === true ? (text: string) => text : await lineForPeople(output)
      try {
        await writePieces(output.out, spellItems(items, spell, output), signal)
      } catch (error) {
        // To be interrupted is how it ends, also while nobody reads.
        if (!(follow && signal.aborted)) throw error
      }
    })
}

/** The events; lines that are none are told to standard error. */
async function* spellItems(
  parts: AsyncIterable<readonly TailItem[]>,
  spell: (text: string) => string,
  output: Output,
): AsyncGenerator<string> {
  for await (const items of parts) {
    const events: string[] = []
    for (const item of items) {
      if (item.kind === 'event') events.push(`${spell(item.text)}\n`)
      else writeReject(item, output)
    }
    yield events.join('')
  }
}

function writeReject(
  { line: { segment, offset }, reason }: Extract<TailItem, { kind: 'reject' }>,
  output: Output,
): void {
  tell(output, `no event: ${segment} at ${offset}: ${reason}`)
}

/** What files are called, and say, does not steer a terminal. */
function tell({ err }: Output, what: string): void {
  writeLine(err, printable(`turnlog: ${what}`))
}

async function lineForPeople({ out }: Output): Promise<(text: string) => string> {
  const { coloursFor } = await import('./colour.js')
  const { createEventLine } = await import('./tail/event-for-people.js')
  return createEventLine(coloursFor(out))
}

/** Whether it names a directory below the root, and not the one of the sidecar. */
function canBeRun(run: string): boolean {
  return basename(run) === run && !['', '.', '..', CONTROL_DIRECTORY].includes(run)
}

function missingRun(root: string, run: string, { simulations }: Discovery): TurnlogError {
  const isPossible = canBeRun(run)
  const what = isPossible ? `${join(root, run)} has no event files` : 'no run can have this name'
  return unknownSimulation({
    message: `follow ${JSON.stringify(run)}: ${what}`,
    name: run,
    known: simulations.map(({ id }) => id),
    help: isPossible ? '--retry waits for it' : 'give the name of a directory in the root',
  })
}

function parseLines(text: string): number {
  if (/^\d{1,6}$/.test(text)) return Number(text)
  throw new InvalidArgumentError('It must be a whole number from 0 to 999999.')
}
