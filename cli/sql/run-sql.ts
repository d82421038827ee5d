import { readFileSync } from 'node:fs'
import { text } from 'node:stream/consumers'
import { TurnlogError } from '../../src/errors.js'
import { openSidecarForReading, sidecarError } from '../../src/sidecar/open-sidecar.js'
import { prepareQuery } from '../../src/sidecar/prepare-query.js'
import { EXIT_CODES } from '../exit-code.js'
import { count, type Output, writeLine } from '../output.js'
import { queryOf } from './dot-queries.js'
import { historyPath, keepLine, readHistory } from './history.js'
import { runPrompt } from './prompt.js'
import { type QueryPlan, writeQuery } from './write-query.js'

/** What `turnlog sql` was asked. */
export interface SqlRequest extends QueryPlan {
  readonly query: string | undefined
  /** Where the query stands, unless it was given. */
  readonly file: string | undefined
}

/**
 * Runs the query that was given, stands in the file or is piped in; at a terminal, all
 * that are typed.
 *
 * @throws TurnlogError SETTING_INVALID where the query cannot be found, and what `startQuery` throws
 */
export async function runSql(request: SqlRequest, output: Output): Promise<void> {
  const query = await findQuery(request)
  if (query === undefined) {
    await promptForQueries(request, output)
    return
  }
  const onInterrupt = (): void => {
    // The query's process ends with this one.
    process.exit(EXIT_CODES.interrupted)
  }
  process.once('SIGINT', onInterrupt)
  try {
    const { rows, isCutOff } = await writeQuery(queryOf(query), request, output.out)
    if (isCutOff) {
      writeLine(output.err, `stopped after ${count(rows, 'row')}: --limit 0 gives all there are`)
    }
  } finally {
    process.off('SIGINT', onInterrupt)
  }
}

async function findQuery({ query, file }: SqlRequest): Promise<string | undefined> {
  if (query !== undefined && file !== undefined) {
    throw new TurnlogError('SETTING_INVALID', {
      message: '--file gives a query, and there is another one on the command line',
      hint: 'leave one of them out',
    })
  }
  if (query !== undefined) return query
  if (file !== undefined) return readQuery(file)
  return process.stdin.isTTY ? undefined : text(process.stdin)
}

function readQuery(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (cause) {
    throw new TurnlogError('SETTING_INVALID', {
      message: `--file cannot be read: ${cause instanceof Error ? cause.message : String(cause)}`,
      hint: 'give the path of a file with one SQL statement',
      cause,
    })
  }
}

async function promptForQueries(plan: QueryPlan, output: Output): Promise<void> {
  const names = readNames(plan.db)
  const path = historyPath()
  let isKept = true
  const keeping = <T>(use: () => T): T | undefined => {
    if (!isKept) return undefined
    try {
      return use()
    } catch (error) {
      isKept = false
      const why = error instanceof Error ? error.message : String(error)
      writeLine(output.err, `what is typed is not kept: ${why}`)
      return undefined
    }
  }
  await runPrompt({
    input: process.stdin,
    output,
    names,
    history: keeping(() => readHistory(path)) ?? [],
    onLine: (line) => {
      keeping(() => {
        keepLine(path, line)
      })
    },
    run: (query, signal) => writeQuery(query, plan, output.out, signal),
  })
}

/** The names of views and columns. Tells at once of a sidecar that is no good. */
function readNames(db: string): string[] {
  const connection = openSidecarForReading(db)
  try {
    const { rows } = prepareQuery(connection, queryOf('.schema'))
    return [...new Set([...rows()].flat())].filter((name) => typeof name === 'string')
  } catch (error) {
    throw sidecarError(db, error)
  } finally {
    connection.close()
  }
}
