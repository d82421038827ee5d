import { readFileSync } from 'node:fs'
import { addAbortSignal } from 'node:stream'
import { text } from 'node:stream/consumers'
import { TurnlogError } from '../../src/errors.js'
import { openSidecarForReading, readingError } from '../../src/sidecar/open-sidecar.js'
import { prepareQuery } from '../../src/sidecar/prepare-query.js'
import { interruption } from '../interruption.js'
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

/** As a query, or as its file: standard input. */
const STANDARD_INPUT = '-'

/**
 * Runs the query that was given, stands in the file or is piped in; at a terminal, all
 * that are typed.
 *
 * @throws TurnlogError SETTING_INVALID where the query cannot be found, what `startQuery` throws,
 *   and `Interrupted`
 */
export async function runSql(request: SqlRequest, output: Output): Promise<void> {
  const given = givenQuery(request)
  const signal = interruption()
  if (given === undefined && process.stdin.isTTY) {
    await promptForQueries(request, output, signal)
    return
  }
  const query = given === undefined || given === STANDARD_INPUT ? await readInput(signal) : given
  const { rows, isCutOff } = await writeQuery(queryOf(query), request, output.out, signal)
  if (isCutOff) {
    writeLine(output.err, `stopped after ${count(rows, 'row')}: --limit 0 gives all there are`)
  }
}

function givenQuery({ query, file }: SqlRequest): string | undefined {
  if (query !== undefined && file !== undefined) {
    throw new TurnlogError('SETTING_INVALID', {
      message: '--file gives a query, and there is another one on the command line',
      hint: 'leave one of them out',
    })
  }
  return file === undefined || file === STANDARD_INPUT ? (query ?? file) : readQuery(file)
}

async function readInput(signal: AbortSignal): Promise<string> {
  try {
    return await text(addAbortSignal(signal, process.stdin))
  } catch (error) {
    signal.throwIfAborted()
    throw error
  }
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

async function promptForQueries(
  plan: QueryPlan,
  output: Output,
  interrupted: AbortSignal,
): Promise<void> {
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
    interrupted,
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
    throw readingError(db, error)
  } finally {
    connection.close()
  }
}
