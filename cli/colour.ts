import pc from 'picocolors'
import type { TerminalStream } from './output.js'

/** Marks parts of a text with colours. */
export type Colours = ReturnType<typeof pc.createColors>

/**
 * Colours for what goes to a stream: real ones on a terminal, none elsewhere, and
 * none where NO_COLOR is set to anything (https://no-color.org).
 */
export function coloursFor(
  stream: TerminalStream,
  environment: NodeJS.ProcessEnv = process.env,
): Colours {
  const isUnwanted = (environment['NO_COLOR'] ?? '') !== '' || environment['TERM'] === 'dumb'
  return pc.createColors(stream.isTTY === true && !isUnwanted)
}
