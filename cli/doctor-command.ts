import type { Command } from 'commander'
import { coloursFor } from './colour.js'
import type { Diagnosis } from './doctor/diagnose.js'
import type { Status } from './doctor/finding.js'
import { EXIT_CODES, type Finish } from './exit-code.js'
import { addLocationOptions, locate } from './location.js'
import { type Output, writeLine } from './output.js'
import { printable } from './printable.js'

interface DoctorOptions {
  readonly json?: true
}

/** `turnlog doctor`: looks at everything turnlog needs, and says what to do. */
export function addDoctorCommand(program: Command, output: Output, finish: Finish): void {
  addLocationOptions(
    program
      .command('doctor')
      .summary('look for what is wrong, and say what to do')
      .description(
        'Looks at permissions, disk, versions, locks, leftovers and what is not indexed, and says what to do. Changes nothing. Exits with 1 when there is a problem.',
      ),
  )
    .option('--json', 'print one JSON object')
    .addHelpText(
      'after',
      `
Examples:
  $ turnlog doctor
  $ turnlog doctor --root output --db runs.db --json`,
    )
    .action(async (options: DoctorOptions, command: Command) => {
      const { diagnose } = await import('./doctor/diagnose.js')
      const diagnosis = diagnose(locate(command))
      if (options.json === true) writeLine(output.out, JSON.stringify(diagnosis))
      else describeDiagnosis(diagnosis, output)
      if (diagnosis.findings.some(({ status }) => status === 'problem')) finish(EXIT_CODES.problem)
    })
}

function describeDiagnosis({ findings }: Diagnosis, output: Output): void {
  const colours = coloursFor(output.out)
  const paint: Record<Status, (text: string) => string> = {
    ok: colours.green,
    note: colours.yellow,
    problem: colours.red,
  }
  for (const { check, status, message, hint } of findings) {
    writeLine(output.out, `${paint[status](status.padEnd(7))}  ${check}: ${printable(message)}`)
    if (hint !== undefined) writeLine(output.out, `         ${printable(hint)}`)
  }
}
