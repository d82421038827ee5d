/** How a command ended, as the shell sees it. */
export const EXIT_CODES = {
  /** The command did what it was asked to. */
  done: 0,
  /** The command found a problem: a difference, an unreadable file, a sidecar that is no good. */
  problem: 1,
  /** The command line itself was wrong. */
  usage: 2,
  /** The command was interrupted before it had done what it was asked to: 128 and SIGINT's number. */
  interrupted: 130,
} as const

/** One of {@link EXIT_CODES}. */
export type ExitCode = (typeof EXIT_CODES)[keyof typeof EXIT_CODES]

/** Takes the exit code a command ends with. */
export type Finish = (code: ExitCode) => void
