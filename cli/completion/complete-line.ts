import { homedir } from 'node:os'
import type { Command } from 'commander'
import { complete } from './complete.js'
import type { Shell } from './scripts.js'
import { continueWord, splitLine } from './split-line.js'

/**
 * What the script of a shell reads of a command line: a candidate a line, for bash `+` and what
 * is still to be typed of it, for the others a word with its description behind a tab; and last
 * what kind of path may stand there, behind a colon.
 *
 * @param line as it is typed, from the program's name to the cursor
 */
export function completeLine(program: Command, shell: Shell, line: string): string[] {
  const words = splitLine(line, shell, { home: homedir(), environment: process.env })
  const [, ...given] = words
  const current = words.at(-1)
  const { typed, candidates, paths } = complete(
    program,
    given.map(({ text }) => text),
  )
  const lines = candidates.flatMap(({ word, description }) => {
    if (shell !== 'bash') return description === undefined ? word : `${word}\t${description}`
    const rest = current && continueWord(current, word.slice(typed.length))
    return rest === undefined ? [] : `+${rest}`
  })
  return [...lines, `:${paths}`]
}
