import { type Command, InvalidArgumentError, Option } from 'commander'
import { TurnlogError } from '../src/errors.js'
import type { ExportReport } from './export/export-runs.js'
import { EXPORT_FORMATS, type ExportFormat, STREAMED_FORMATS } from './export/format-names.js'
import { addFilterOptions, readFilter } from './filter-options.js'
import { interruption } from './interruption.js'
import { addLocationOptions, locate } from './location.js'
import { bytes, count, type Output, writeLine } from './output.js'
import { printable } from './printable.js'
import { showEventProgress } from './progress.js'

interface ExportOptions {
  readonly format: ExportFormat
  readonly output?: string
  readonly force?: true
  readonly limit?: number
  readonly json?: true
}

const STANDARD_OUTPUT = '-'

/** `turnlog export`: runs as files for other programs, or as a page for people. */
export function addExportCommand(program: Command, output: Output): void {
  const command = program
    .command('export')
    .summary('write runs as Parquet, CSV, NDJSON or a page')
    .description(
      'Writes the events of runs, in the order of time, as files for other programs or as a page that opens without a server.',
    )
    .argument('<run...>', 'ids of the runs')
  addFilterOptions(addLocationOptions(command))
    .addOption(
      new Option('-f, --format <format>', 'what to write')
        .choices(EXPORT_FORMATS)
        .makeOptionMandatory(),
    )
    .option(
      '-o, --output <path>',
      'a file for one run, a directory for several and for parquet (RUN.FORMAT or export unless given); - is standard output, for csv and ndjson',
    )
    .option('--force', 'replace what is there already')
    .option('--limit <events>', 'of each run, the first so many events', parseLimit)
    .option('--json', 'print one JSON object')
    .addHelpText(
      'after',
      `
Examples:
  $ turnlog export market-1 market-2 --format parquet --output market.parquet
  $ turnlog export market-1 --format csv --type DECISION,ACTION --output -
  $ turnlog export market-1 --format html
  $ turnlog export market-1 --format ndjson --limit 1000 --output first.ndjson`,
    )
    .action(async (ids: readonly string[], options: ExportOptions) => {
      const { format, output: path, force = false, limit, json = false } = options
      const toStream = path === STANDARD_OUTPUT
      if (toStream) assertStreamable(format, json)
      const { exportToFiles, exportToStream } = await import('./export/export-runs.js')
      const signal = interruption()
      const { show, end } = showEventProgress(output.err)
      const request = {
        db: locate(command).db,
        runs: [...new Set(ids)],
        format,
        filter: readFilter(command),
        limit,
        signal,
        onProgress: show,
      }
      if (toStream) {
        await exportToStream(request, output.out).finally(end)
        return
      }
      const report = await exportToFiles(request, path, force).finally(end)
      if (json) writeLine(output.out, JSON.stringify(report))
      else describeExport(report, output)
    })
}

function describeExport({ runs }: ExportReport, output: Output): void {
  for (const { simulation_id: id, events, files, bytes: size } of runs) {
    const line = `${printable(id)}: ${count(events, 'event')} in ${printable(files.join(', '))} (${bytes(size)})`
    writeLine(output.out, line)
  }
}

function assertStreamable(format: ExportFormat, json: boolean): void {
  const isStreamed = STREAMED_FORMATS.includes(format)
  if (isStreamed && !json) return
  throw new TurnlogError('SETTING_INVALID', {
    message: isStreamed
      ? '--json cannot be told apart from what --output - writes'
      : `--output - can be ${STREAMED_FORMATS.join(' or ')}, not ${format}`,
    hint: 'give --output a name',
  })
}

function parseLimit(text: string): number {
  if (/^[1-9]\d{0,11}$/.test(text)) return Number(text)
  throw new InvalidArgumentError('It must be a whole number from 1.')
}
