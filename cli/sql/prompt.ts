import { once } from 'node:events'
import { createInterface, type Interface } from 'node:readline'
import type { Readable } from 'node:stream'
import { count, type Output, writeError, writeLine } from '../output.js'
import { DOT_QUERIES, queryOf } from './dot-queries.js'
import { endsStatement } from './statement-end.js'
import type { WrittenRows } from './query-process.js'

const PROMPT = 'turnlog> '
const GOING_ON = '     ...> '

/** What a prompt works with. */
export interface PromptParts {
  readonly input: Readable
  readonly output: Output
  /** Ends the prompt, and the query under way. */
  readonly interrupted: AbortSignal
  /** Runs a query and writes its rows; the signal ends it. */
  readonly run: (query: string, signal: AbortSignal) => Promise<WrittenRows>
  /** Lines of earlier prompts, the latest first. */
  readonly history: readonly string[]
  /** Told of every line that is typed. */
  readonly onLine: (line: string) => void
  /** What the tab key completes. */
  readonly names: readonly string[]
}

/**
 * Takes queries from a terminal, each up to its semicolon, until Ctrl-D or `.quit`.
 * Ctrl-C ends the query under way, or throws away what is typed.
 *
 * @throws the reason of `interrupted` when that ended it
 */
export async function runPrompt(parts: PromptParts): Promise<void> {
  const prompt = new Prompt(parts)
  await prompt.ended
  parts.interrupted.throwIfAborted()
}

class Prompt {
  readonly ended: Promise<unknown>
  readonly #parts: PromptParts
  readonly #lines: Interface
  /** Lines of a query that is not yet complete. */
  #begun: string[] = []
  /** Lines that were typed while a query was running. */
  readonly #waiting: string[] = []
  #isTaking = false
  #isLeft = false
  #running: AbortController | undefined

  constructor(parts: PromptParts) {
    const { input, output, history, names } = parts
    this.#parts = parts
    this.#lines = createInterface({
      input,
      output: output.out,
      terminal: true,
      history: [...history],
      removeHistoryDuplicates: true,
      completer: (line: string) => complete(line, names),
    })
    this.ended = once(this.#lines, 'close')
    this.#lines.on('line', (line) => {
      if (this.#isLeft) return
      if (line.trim() !== '') parts.onLine(line)
      this.#waiting.push(line)
      void this.#takeLines()
    })
    this.#lines.on('SIGINT', () => {
      this.#interrupt()
    })
    this.#lines.on('close', () => {
      this.#isLeft = true
      this.#waiting.length = 0
      this.#running?.abort()
      writeLine(output.out, '')
    })
    parts.interrupted.addEventListener('abort', () => {
      this.#lines.close()
    })
    writeLine(output.out, 'Queries end with a semicolon; .help tells more, Ctrl-D leaves.')
    this.#ask()
  }

  #ask(): void {
    // Asking would open the terminal again, and the process would stay.
    if (this.#isLeft) return
    this.#lines.setPrompt(this.#begun.length === 0 ? PROMPT : GOING_ON)
    this.#lines.prompt()
  }

  async #takeLines(): Promise<void> {
    if (this.#isTaking) return
    this.#isTaking = true
    for (let line = this.#waiting.shift(); line !== undefined; line = this.#waiting.shift()) {
      await this.#take(line)
    }
    this.#isTaking = false
    this.#ask()
  }

  async #take(line: string): Promise<void> {
    const word = line.trim().replace(/;$/, '')
    if (this.#begun.length === 0) {
      if (word === '') return
      if (word === '.quit' || word === '.exit') {
        this.#lines.close()
        return
      }
      if (word.startsWith('.')) {
        if (word in DOT_QUERIES) await this.#run(queryOf(word))
        else writeLine(this.#parts.output.out, HELP)
        return
      }
    }
    this.#begun.push(line)
    const text = this.#begun.join('\n')
    if (!endsStatement(text)) return
    this.#begun = []
    await this.#run(text)
  }

  async #run(query: string): Promise<void> {
    const { run, output } = this.#parts
    const running = new AbortController()
    this.#running = running
    const startedAt = performance.now()
    try {
      const { rows, isCutOff } = await run(query, running.signal)
      const seconds = ((performance.now() - startedAt) / 1000).toFixed(2)
      const more = isCutOff ? ', and there are more' : ''
      writeLine(output.out, `(${count(rows, 'row')}${more}, ${seconds} s)`)
    } catch (error) {
      if (running.signal.aborted) writeLine(output.out, '(stopped)')
      else writeError(output.err, error)
    } finally {
      this.#running = undefined
    }
  }

  #interrupt(): void {
    if (this.#running !== undefined) {
      // What was typed ahead counted on an answer.
      this.#waiting.length = 0
      this.#running.abort()
      return
    }
    const isEmpty = this.#begun.length === 0 && this.#lines.line === ''
    this.#begun = []
    this.#lines.write(null, { ctrl: true, name: 'e' })
    this.#lines.write(null, { ctrl: true, name: 'u' })
    writeLine(this.#parts.output.out, isEmpty ? '(Ctrl-D or .quit leaves)' : '')
    this.#ask()
  }
}

const HELP = [
  ...Object.entries(DOT_QUERIES).map(([word, { help }]) => `${word}  ${help}`),
  '.help    this',
  '.quit    leaves, as Ctrl-D does',
  'Anything else is a query and ends with a semicolon. Ctrl-C stops it, or throws away what is typed.',
].join('\n')

function complete(line: string, names: readonly string[]): [string[], string] {
  const [word = ''] = /[.\w]*$/.exec(line) ?? []
  const known = word.startsWith('.') ? [...Object.keys(DOT_QUERIES), '.help', '.quit'] : names
  return [word === '' ? [] : known.filter((name) => name.startsWith(word)), word]
}
