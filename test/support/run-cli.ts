import {
  type ChildProcess,
  type ChildProcessByStdio,
  type ChildProcessWithoutNullStreams,
  spawn,
} from 'node:child_process'
import { once } from 'node:events'
import type { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { onTestFinished } from 'vitest'

const MAIN = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url))

type Pipes = ['ignore', 'pipe', 'pipe']
const PIPES: Pipes = ['ignore', 'pipe', 'pipe']

/** How a command ended. */
export interface CommandResult {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** Runs the command line as a shell would, to its end. */
export async function runCli(...args: string[]): Promise<CommandResult> {
  return finish(spawn(process.execPath, [MAIN, ...args], { stdio: PIPES }))
}

async function finish(
  child: ChildProcessByStdio<null, Readable, Readable>,
): Promise<CommandResult> {
  const [stdout, stderr] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'exit'),
  ])
  return { code: child.exitCode, stdout, stderr }
}

/** {@link runCli} with a limit to the size of files, in kilobytes: as on a disk that is full. */
export async function runWithFileLimit(
  kilobytes: number,
  ...args: string[]
): Promise<CommandResult> {
  // The signal is ignored so that writing fails, as it does on a full disk.
  const script = `trap '' XFSZ; ulimit -f ${kilobytes}; exec "$0" "$@"`
  return finish(spawn('bash', ['-c', script, process.execPath, MAIN, ...args], { stdio: PIPES }))
}

/** A command that goes on until it is told to stop; it ends with the test at the latest. */
export interface RunningCommand {
  readonly child: ChildProcess
  /** Resolves with the match once the output has one. */
  readonly output: (pattern: RegExp) => Promise<RegExpExecArray>
  /** Sends a signal and resolves with the exit code. */
  readonly stop: (signal?: NodeJS.Signals) => Promise<number | null>
  /** Resolves with the exit code once it ended. */
  readonly exited: () => Promise<number | null>
  /** What it has written to standard error; all of it once it ended. */
  readonly printedErrors: () => string
}

/** Starts a command that goes on. */
export function startCli(...args: string[]): RunningCommand {
  return follow(spawn(process.execPath, [MAIN, ...args], { stdio: 'pipe' }))
}

/** A command at a terminal of its own, where both of its outputs are shown. */
export interface CommandAtTerminal extends RunningCommand {
  /** Presses keys: text as it is typed, Ctrl-C as `\u0003`. */
  readonly type: (keys: string) => void
}

/** {@link startCli} at a terminal. What it keeps for its user, it keeps in `home`. */
export function startAtTerminal(home: string, ...args: string[]): CommandAtTerminal {
  const words = [process.execPath, MAIN, ...args].map((word) => `'${word}'`)
  // `script` opens a pseudo-terminal, gives it what it is given, and ends as the command does.
  const options = ['--quiet', '--return', '--command', `exec ${words.join(' ')}`, '/dev/null']
  const environment = { ...process.env, HOME: home, XDG_STATE_HOME: home, TERM: 'xterm' }
  const child = spawn('script', options, { stdio: 'pipe', env: environment })
  return { ...follow(child), type: (keys) => child.stdin.write(keys) }
}

function follow(child: ChildProcessWithoutNullStreams): RunningCommand {
  const exited = once(child, 'close')
  onTestFinished(async () => {
    child.kill('SIGKILL')
    await exited
  })
  let printed = ''
  let printedErrors = ''
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    printedErrors += chunk
  })
  let look = (): void => undefined
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    printed += chunk
    look()
  })
  return {
    child,
    output: (pattern) =>
      new Promise((resolve, reject) => {
        look = () => {
          const match = pattern.exec(printed)
          if (match !== null) resolve(match)
        }
        look()
        void exited.then(() => {
          reject(new Error(`ended without printing ${pattern.source}: ${printed}${printedErrors}`))
        })
      }),
    printedErrors: () => printedErrors,
    async exited() {
      await exited
      return child.exitCode
    },
    async stop(signal = 'SIGTERM') {
      child.kill(signal)
      await exited
      return child.exitCode
    },
  }
}

/** Runs the command line with something piped into it, to its end. */
export async function runCliWithInput(input: string, ...args: string[]): Promise<CommandResult> {
  const child = spawn(process.execPath, [MAIN, ...args], { stdio: ['pipe', 'pipe', 'pipe'] })
  child.stdin.end(input)
  const [stdout, stderr] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'exit'),
  ])
  return { code: child.exitCode, stdout, stderr }
}
