import type { Command } from 'commander'
import { SQL_SETTINGS } from '../src/settings.js'
import { exclusiveOptions } from './exclusive-options.js'
import { addLocationOptions, locate } from './location.js'
import type { Output } from './output.js'
import { addSettings, readSettings } from './read-settings.js'
import type { RowFormatName } from './sql/row-formats.js'

interface SqlOptions {
  readonly file?: string
  readonly csv?: true
  readonly json?: true
  readonly ndjson?: true
}

/** How rows are printed, when not as a table. */
const FORMATS = {
  csv: 'print CSV',
  json: 'print one JSON object: columns, rows, row_count, truncated',
  ndjson: 'print a JSON object a line for each row',
}

/** `turnlog sql`: asks the sidecar in SQL, and never writes it. */
export function addSqlCommand(program: Command, output: Output): void {
  const command = program
    .command('sql')
    .argument(
      '[query]',
      'one SQL statement, or - for standard input; without it, what is piped in, else a prompt',
    )
    .summary('ask the sidecar in SQL')
    .description(
      'Runs one SQL statement on the sidecar, which is only read. A query that goes on for too long, or takes too much memory, is stopped. Without a query it is read from what is piped in; at a terminal there is a prompt.',
    )
  addSettings(addLocationOptions(command), SQL_SETTINGS).option(
    '--file <file>',
    'read the query from a file, or from standard input (-)',
  )
  for (const option of exclusiveOptions(FORMATS)) command.addOption(option)
  command
    .addHelpText(
      'after',
      `
Examples:
  $ turnlog sql "SELECT * FROM simulations"
  $ turnlog sql --csv --limit 0 "SELECT turn_number, agent_id, kind FROM events" > events.csv
  $ turnlog sql --file question.sql --json --timeout 60
  $ echo "SELECT count(*) FROM causality" | turnlog sql
  $ turnlog sql .schema
  $ turnlog sql`,
    )
    .action(async (query: string | undefined, options: SqlOptions) => {
      const { runSql } = await import('./sql/run-sql.js')
      await runSql(
        {
          ...locate(command),
          ...readSettings(command, SQL_SETTINGS),
          format: formatOf(options),
          query,
          file: options.file,
        },
        output,
      )
    })
}

function formatOf({ csv, json, ndjson }: SqlOptions): RowFormatName {
  if (csv === true) return 'csv'
  if (json === true) return 'json'
  return ndjson === true ? 'ndjson' : 'table'
}
