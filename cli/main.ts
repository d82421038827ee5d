#!/usr/bin/env node
import { EXIT_CODES } from './exit-code.js'
import { wasInterrupted } from './interruption.js'
import { writeLine } from './output.js'
import { runCommandLine } from './program.js'

// Who read the output has enough of it, as `head` has: that is no problem of anybody's.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(EXIT_CODES.done)
  writeLine(process.stderr, `turnlog: write standard output: ${error.message}`)
  process.exit(EXIT_CODES.problem)
})
// With nobody who reads errors, there is nobody to tell that.
process.stderr.on('error', () => undefined)

const exitCode = await runCommandLine(process.argv.slice(2))
// What was written to who does not read holds the process up, unless it is ended.
if (wasInterrupted()) process.exit(exitCode)
process.exitCode = exitCode
