import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { onTestFinished } from 'vitest'
import type { WriterStats } from '#src/writer/writer-stats.js'

/** A script in a process of its own, and what it printed so far. */
export class ScriptProcess {
  readonly child: ChildProcess
  readonly #exited: Promise<unknown>
  printed = ''

  constructor(script: string, ...args: readonly string[]) {
    this.child = spawn(process.execPath, [script, ...args], { stdio: ['ignore', 'pipe', 'ignore'] })
    this.#exited = once(this.child, 'close')
    this.child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      this.printed += text
    })
    onTestFinished(() => {
      this.child.kill('SIGKILL')
    })
  }

  async untilPrinted(pattern: RegExp): Promise<void> {
    while (!pattern.test(this.printed)) await once(this.child.stdout ?? this.child, 'data')
  }

  /** @returns the exit code, or the signal that ended it */
  async end(): Promise<number | string | null> {
    await this.#exited
    return this.child.exitCode ?? this.child.signalCode
  }

  /** The last account of a writer it printed; events may have been queued then. */
  account(): WriterStats {
    const [, text = '{}'] = [...this.printed.matchAll(/account (.*)\n/g)].at(-1) ?? []
    return JSON.parse(text) as WriterStats
  }

  /** The last number it printed behind a word. */
  last(word: string): number {
    return Number([...this.printed.matchAll(new RegExp(`${word} (\\d+)\\n`, 'g'))].at(-1)?.[1])
  }
}
