import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { indexRoot } from '#indexer/index-root.js'
import { eventually } from './eventually.js'
import { temporaryDirectory } from './temporary-directory.js'

/** The port that pages name; a free one takes its place. */
const SHOWN_PORT = '8123'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))

/** A command of a `console` block. */
export interface Step {
  /** What follows `$ `. */
  readonly command: string
  /** The lines below it, up to the next command. */
  readonly expected: string
  /** Whether it goes on beside what follows (`&`), or is interrupted when it has printed that (`^C`). */
  readonly goesOn: boolean
  readonly isInterrupted: boolean
}

/** The steps of each `console` block of a page. */
export function sessionsOf(page: string): Step[][] {
  const text = readFileSync(join(ROOT, page), 'utf8')
  return [...text.matchAll(/^```console\n(.*?)^```/gms)].map(([, block = '']) =>
    block
      .split(/^\$ /m)
      .slice(1)
      .map((step) => {
        const [first = '', ...lines] = step.trimEnd().split('\n')
        const isInterrupted = lines.at(-1) === '^C'
        return {
          command: first.replace(/ &$/, ''),
          expected: (isInterrupted ? lines.slice(0, -1) : lines).join('\n'),
          goesOn: first.endsWith(' &'),
          isInterrupted,
        }
      }),
  )
}

/**
 * A place where the sessions of one page are replayed, one after the other: the fixtures are
 * where the repository has them, `x.db` is their sidecar, and `turnlog` and `npx` are to be found.
 */
export class SessionPlace {
  readonly directory = temporaryDirectory()
  readonly #running: ChildProcess[] = []
  readonly #port = freePort()

  /** @param files what lies there from the beginning, by name */
  constructor(files: Readonly<Record<string, string>> = {}) {
    const bin = join(this.directory, 'bin')
    mkdirSync(bin)
    const main = join(ROOT, 'dist', 'cli', 'main.js')
    const programs = { turnlog: `exec '${process.execPath}' '${main}' "$@"`, npx: 'exec "$@"' }
    for (const [name, line] of Object.entries(programs)) {
      writeFileSync(join(bin, name), `#!/bin/sh\n${line}\n`)
      chmodSync(join(bin, name), 0o755)
    }
    for (const fixture of ['test/fixtures/llm-sim', 'test/fixtures/damaged']) {
      cpSync(join(ROOT, fixture), join(this.directory, fixture), { recursive: true })
    }
    for (const [name, text] of Object.entries(files)) {
      writeFileSync(join(this.directory, name), text)
    }
  }

  /** Makes `x.db` what it is where a block begins: there, unless the block shows how it is made. */
  async prepare([first]: readonly Step[]): Promise<void> {
    const db = join(this.directory, 'x.db')
    for (const suffix of ['', '-wal', '-shm']) rmSync(db + suffix, { force: true })
    if (first?.command.startsWith('turnlog index ') === true) return
    await indexRoot({ root: join(this.directory, 'test/fixtures/llm-sim'), db, search: true })
  }

  /** @returns what it printed: all of it, or what came before it went on or was interrupted */
  async replay({ command: shown, expected, goesOn, isInterrupted }: Step): Promise<string> {
    const port = await this.#port
    const command = shown.replaceAll(SHOWN_PORT, port)
    const child = spawn(
      'bash',
      ['-c', `exec 2>&1; ${goesOn || isInterrupted ? 'exec ' : ''}${command}`],
      {
        cwd: this.directory,
        env: {
          ...process.env,
          PATH: `${join(this.directory, 'bin')}:${process.env['PATH'] ?? ''}`,
        },
        stdio: ['ignore', 'pipe', 'ignore'],
      },
    )
    const closed = once(child, 'close')
    this.#running.push(child)
    let printed = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      printed += text.replaceAll(port, SHOWN_PORT)
    })
    if (goesOn || isInterrupted) {
      await eventually(() => {
        if (child.exitCode !== null || patternOf(expected).test(printed.trimEnd())) return
        throw new Error(`${command} has not printed what it is to: ${printed}`)
      })
      if (goesOn) return printed.trimEnd()
      child.kill('SIGINT')
    }
    await closed
    // Where lines end in a table of RFC 4180, a page cannot show it.
    return printed.replaceAll('\r\n', '\n').trimEnd()
  }

  /** Ends what goes on. */
  async end(): Promise<void> {
    for (const child of this.#running) {
      if (child.exitCode !== null || child.signalCode !== null) continue
      const closed = once(child, 'close')
      child.kill('SIGTERM')
      await closed
    }
  }
}

async function freePort(): Promise<string> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  if (address === null || typeof address === 'string') throw new Error('no port to listen on')
  return String(address.port)
}

/**
 * What a page may leave open: `…` stands for anything in a line, a line of it for any lines, and
 * how long something took is never the same.
 */
export function patternOf(expected: string): RegExp {
  const source = expected
    .replaceAll(/[\\^$.*+?()[\]{}|]/g, String.raw`\$&`)
    .replaceAll(/^…$/gm, '[^]*?')
    .replaceAll('…', '.*')
    .replaceAll(/\b\d+(\\\.\d+)? s\b/g, String.raw`\d+(?:\.\d+)? s`)
    .replaceAll(/"seconds":\d+(\\\.\d+)?/g, String.raw`"seconds":\d+(?:\.\d+)?`)
  return new RegExp(`^${source}$`)
}
