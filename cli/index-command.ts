import type { Command } from 'commander'
import type { PassReport } from '../indexer/pass-report.js'
import { SEARCH_SETTINGS } from '../src/settings.js'
import type { Finish } from './exit-code.js'
import type { FollowerOptions } from './follower.js'
import { addLocationOptions, locate } from './location.js'
import { bytes, count, type Output, writeError, writeLine } from './output.js'
import { interruption } from './interruption.js'
import { addSettings, readSettings } from './read-settings.js'
import { runIngest } from './run-ingest.js'

interface IndexOptions {
  readonly follow?: true
  readonly json?: true
}

/** `turnlog index`: brings what is new into the sidecar, once or from now on. */
export function addIndexCommand(program: Command, output: Output, finish: Finish): void {
  const command = program
    .command('index')
    .summary('read what is new into the sidecar')
    .description(
      'Reads what is new in every run into the sidecar, which is made when there is none, then makes it searchable.',
    )
  addSettings(addLocationOptions(command), SEARCH_SETTINGS)
    .option('--follow', 'go on until interrupted, indexing what is written')
    .option(
      '--json',
      'print one JSON object; with --follow, one a line for each pass that read something',
    )
    .addHelpText(
      'after',
      `
Examples:
  $ turnlog index --root output
  $ turnlog index --root output --follow
  $ turnlog index --root output --no-search
  $ turnlog index --root output --db runs.db --json`,
    )
    .action(async (options: IndexOptions) => {
      const settings = { ...locate(command), ...readSettings(command, SEARCH_SETTINGS) }
      if (options.follow === true) {
        await followRoot(settings, options.json === true, output)
        return
      }
      const { indexRoot } = await import('../indexer/index-root.js')
      await runIngest(
        {
          json: options.json === true,
          whenInterrupted: 'what was read is kept, and the next `turnlog index` goes on from there',
          work: ({ signal, ...told }) =>
            indexRoot({ ...settings, ...told, shouldStop: () => signal.aborted }),
        },
        output,
        finish,
      )
    })
}

async function followRoot(options: FollowerOptions, json: boolean, output: Output): Promise<void> {
  const { follow } = await import('../indexer/follow.js')
  await follow({
    ...options,
    signal: interruption(),
    onPass: (report) => {
      if (readSomething(report)) describePass(report, json, output)
    },
    onError: (error) => {
      writeError(output.err, error)
    },
  })
}

function readSomething({ events, rejects, duplicates, removed }: PassReport): boolean {
  return events + rejects + duplicates + removed > 0
}

function describePass(report: PassReport, json: boolean, output: Output): void {
  writeLine(
    output.out,
    json
      ? JSON.stringify(report)
      : `read ${count(report.events, 'new event')} (${bytes(report.bytes)}); ${count(report.rejects, 'reject')}, ${count(report.duplicates, 'duplicate')}`,
  )
}
