import { Command, CommanderError } from 'commander'
import { type ErrorCode, TurnlogError } from '../src/errors.js'
import { addCompletionCommand } from './completion-command.js'
import { addDemoCommand } from './demo-command.js'
import { addDoctorCommand } from './doctor-command.js'
import { addEventsCommand } from './events-command.js'
import { EXIT_CODES, type ExitCode, type Finish } from './exit-code.js'
import { addExportCommand } from './export-command.js'
import { addHelpCommand } from './help-command.js'
import { addImportCommand } from './import-command.js'
import { addIndexCommand } from './index-command.js'
import { Interrupted } from './interruption.js'
import { addLsCommand } from './ls-command.js'
import { type Output, processOutput, writeError } from './output.js'
import { addReindexCommand } from './reindex-command.js'
import { addRejectsCommand } from './rejects-command.js'
import { addServeCommand } from './serve-command.js'
import { addShowCommand } from './show-command.js'
import { addSqlCommand } from './sql-command.js'
import { addStatsCommand } from './stats-command.js'
import { addTailCommand } from './tail-command.js'
import { addTraceCommand } from './trace-command.js'
import { addVerifyCommand } from './verify-command.js'
import { readVersion } from './version.js'

/** What says that the command line itself was wrong. */
const USAGE_ERRORS: ReadonlySet<ErrorCode> = new Set([
  'SETTING_INVALID',
  'QUERY_INVALID',
  'QUERY_NOT_READ_ONLY',
])

/**
 * Runs one command line.
 *
 * @param args what follows the program's name
 * @returns 0 done, 1 found a problem, 2 wrong usage, 130 interrupted
 */
export async function runCommandLine(
  args: readonly string[],
  output: Output = processOutput,
): Promise<ExitCode> {
  let exitCode: ExitCode = EXIT_CODES.done
  const program = createProgram(output, (code) => {
    exitCode = code
  })
  try {
    await program.parseAsync(args, { from: 'user' })
    return exitCode
  } catch (error) {
    if (error instanceof CommanderError) {
      return error.exitCode === 0 ? EXIT_CODES.done : EXIT_CODES.usage
    }
    if (error instanceof Interrupted) return EXIT_CODES.interrupted
    writeError(output.err, error)
    const isUsage = error instanceof TurnlogError && USAGE_ERRORS.has(error.code)
    return isUsage ? EXIT_CODES.usage : EXIT_CODES.problem
  }
}

/**
 * The command line as data: what `--help` shows comes from here. What a command
 * runs is loaded when it is run, so that help and errors need not wait for it.
 */
export function createProgram(output: Output, finish: Finish): Command {
  const program = new Command('turnlog')
    .description(
      'Flight recorder for turn-based simulations: index, check and serve recorded runs.',
    )
    .version(readVersion(), '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .showHelpAfterError('(add --help for usage)')
    .exitOverride()
    .configureOutput({
      writeOut: (text) => output.out.write(text),
      writeErr: (text) => output.err.write(text),
      // Whoever finds what is wrong, it is this program that says so.
      outputError: (text, write) => {
        write(text.replace(/^error: /, 'turnlog: '))
      },
    })
    .addHelpText(
      'after',
      `
Exit codes: 0 done, 1 found a problem, 2 wrong usage, 130 interrupted.

Example:
  $ turnlog demo`,
    )
  program.commandsGroup('Look at runs:')
  addLsCommand(program, output)
  addStatsCommand(program, output)
  addEventsCommand(program, output)
  addShowCommand(program, output)
  addTraceCommand(program, output)
  addTailCommand(program, output, finish)
  addRejectsCommand(program, output)
  addSqlCommand(program, output)
  program.commandsGroup('Move runs:')
  addExportCommand(program, output)
  addImportCommand(program, output, finish)
  program.commandsGroup('Keep the sidecar:')
  addIndexCommand(program, output, finish)
  addReindexCommand(program, output, finish)
  addVerifyCommand(program, output, finish)
  addDoctorCommand(program, output, finish)
  program.commandsGroup('Serve:')
  addServeCommand(program, output)
  addDemoCommand(program, output)
  program.commandsGroup('Other:')
  addCompletionCommand(program, output)
  addHelpCommand(program)
  return program
}
