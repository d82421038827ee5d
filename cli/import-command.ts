import { type Command, InvalidArgumentError } from 'commander'
import { DEFAULT_MAX_FILE_SIZE } from '../src/writer/rotation-policy.js'
import { EXIT_CODES, type Finish } from './exit-code.js'
import type { ImportReport } from './import/import-run.js'
import { interruption } from './interruption.js'
import { addLocationOptions, locate } from './location.js'
import { bytes, count, type Output, writeLine } from './output.js'
import { printable } from './printable.js'
import { showProgress } from './progress.js'

interface ImportOptions {
  readonly as: string
  readonly strict?: true
  readonly dryRun?: true
  readonly maxFileSize: number
  readonly json?: true
}

/** `turnlog import`: a run from JSON Lines that something else has written. */
export function addImportCommand(program: Command, output: Output, finish: Finish): void {
  const command = program
    .command('import')
    .summary('make a run of JSON Lines from elsewhere')
    .description(
      'Makes a run of JSON Lines from elsewhere. Lines are kept byte for byte; those that are no events are refused and reported. Exits with 1 when there are any.',
    )
    .argument('<file...>', 'files of JSON Lines, unpacked when named .gz; - is standard input')
    .requiredOption('--as <run>', 'id of the run that is made; it must not be there yet')
  addLocationOptions(command)
    .option('--strict', 'write nothing when a line is refused')
    .option('--dry-run', 'check the lines and write nothing')
    .option(
      '--max-file-size <bytes>',
      'size at which a segment is sealed',
      parseSize,
      DEFAULT_MAX_FILE_SIZE,
    )
    .option('--json', 'print one JSON object')
    .addHelpText(
      'after',
      `
Examples:
  $ turnlog import old/*.jsonl --as market-0
  $ turnlog import events.jsonl.gz --as market-0 --dry-run
  $ zstd -dc events.jsonl.zst | turnlog import - --as market-0 --strict --json`,
    )
    .action(async (files: readonly string[], options: ImportOptions) => {
      const { as: simulationId, maxFileSize, strict = false, dryRun = false, json } = options
      const { importRun } = await import('./import/import-run.js')
      const signal = interruption()
      const { show, end } = showProgress(output.err)
      const report = await importRun({
        root: locate(command).root,
        simulationId,
        files,
        maxFileSize,
        isStrict: strict,
        isDryRun: dryRun,
        signal,
        onProgress: show,
      }).finally(end)
      if (json === true) writeLine(output.out, JSON.stringify(report))
      else describeImport(report, dryRun, output)
      if (report.refused > 0 || report.events === 0) finish(EXIT_CODES.problem)
    })
}

function describeImport(report: ImportReport, isDryRun: boolean, output: Output): void {
  const { events, segments, written, refused, refusals } = report
  const size = `${count(events, 'event')} (${bytes(report.bytes)})`
  const name = JSON.stringify(report.simulation_id)
  writeLine(
    output.out,
    written
      ? `imported ${size} as ${name}, in ${count(segments.length, 'segment')}`
      : `${isDryRun ? 'would import' : 'imported nothing of'} ${size} as ${name}`,
  )
  writeLine(
    output.out,
    `left out ${count(report.duplicates, 'duplicate')}, ${count(report.blank_lines, 'blank line')}; refused ${count(refused, 'line')}`,
  )
  for (const { file, line, offset, reason } of refusals) {
    writeLine(output.out, `  ${printable(`${file}:${line} at ${offset}: ${reason}`)}`)
  }
  const more = refused - refusals.length
  if (more > 0) writeLine(output.out, `  … and ${count(more, 'more line')}`)
}

function parseSize(text: string): number {
  if (/^[1-9]\d{0,14}$/.test(text)) return Number(text)
  throw new InvalidArgumentError('It must be a whole number of bytes from 1.')
}
