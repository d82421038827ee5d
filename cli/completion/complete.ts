import type { Command, Option } from 'commander'
import { EVENT_TYPES } from '../../src/event/event-type.js'
import { discoverSegments } from '../../src/segment/discovery.js'
import { LOCATION_SETTINGS } from '../../src/settings.js'
import { printable } from '../printable.js'

/** A word that may stand at the cursor. */
export interface Candidate {
  readonly word: string
  readonly description?: string
}

/** What may stand at the cursor: words, and perhaps a path. */
export interface Completion {
  /** What every candidate begins with: of `--flag=value` and of the word `value` alike, the value. */
  readonly typed: string
  readonly candidates: readonly Candidate[]
  readonly paths: 'files' | 'directories' | 'none'
}

const NOTHING: Completion = { typed: '', candidates: [], paths: 'none' }

/**
 * What may stand at the end of a command line.
 *
 * @param words what follows the program's name; the last one is the one at the cursor, perhaps empty
 */
export function complete(program: Command, words: readonly string[]): Completion {
  const current = words.at(-1) ?? ''
  const before = words.slice(0, -1)
  const command = program.commands.find((one) => one.name() === before[0])
  if (command === undefined) {
    return current.startsWith('-')
      ? startingWith(current, flagsOf(program))
      : before.length === 0
        ? startingWith(current, commandsOf(program))
        : NOTHING
  }
  const root = rootGivenIn(before)
  const [, assigned, value] = /^(--[^=]+)=(.*)$/s.exec(current) ?? []
  if (assigned !== undefined) return completeValue(optionOf(command, assigned), value ?? '', root)
  const option = optionOf(command, before.at(-1) ?? '')
  if (takesValue(option)) return completeValue(option, current, root)
  if (current.startsWith('-')) return startingWith(current, flagsOf(command))
  return completeArgument(command, before.slice(1), current, root)
}

function rootGivenIn(words: readonly string[]): string {
  const at = words.lastIndexOf('--root')
  const assigned = words.findLast((word) => word.startsWith('--root='))?.slice('--root='.length)
  const { environment, default: fallback } = LOCATION_SETTINGS.root
  const fromEnvironment = process.env[environment] ?? ''
  const given = assigned ?? (at === -1 ? undefined : words[at + 1])
  return given ?? (fromEnvironment === '' ? fallback : fromEnvironment)
}

function optionOf(command: Command, flag: string): Option | undefined {
  return command.options.find(({ long, short }) => flag !== '' && (flag === long || flag === short))
}

function takesValue(option: Option | undefined): boolean {
  return option !== undefined && (option.required || option.optional)
}

function commandsOf(program: Command): Candidate[] {
  return program
    .createHelp()
    .visibleCommands(program)
    .map((command) => ({ word: command.name(), description: command.summary() }))
}

function flagsOf(command: Command): Candidate[] {
  return command
    .createHelp()
    .visibleOptions(command)
    .map(({ long, short, description }) => ({ word: long ?? short ?? '', description }))
}

function completeValue(option: Option | undefined, current: string, root: string): Completion {
  if (option === undefined) return NOTHING
  const { argChoices: choices, flags } = option
  if (choices !== undefined) return startingWith(current, asWords(choices))
  if (option.long?.includes('type') === true) return completeList(current, EVENT_TYPES)
  return completeNamed(/[<[]([\w-]+)/.exec(flags)?.[1] ?? '', current, root)
}

/** @param before the words between the command's name and the cursor */
function completeArgument(
  command: Command,
  before: readonly string[],
  current: string,
  root: string,
): Completion {
  const given = before.filter(
    (word, at) => !word.startsWith('-') && !takesValue(optionOf(command, before[at - 1] ?? '')),
  )
  const { registeredArguments: all } = command
  const last = all.at(-1)
  const argument = all[given.length] ?? (last?.variadic === true ? last : undefined)
  if (argument === undefined) return NOTHING
  if (argument.name() === 'command' && command.parent !== null) {
    return startingWith(current, commandsOf(command.parent))
  }
  const { argChoices: choices } = argument
  return choices === undefined
    ? completeNamed(argument.name(), current, root)
    : startingWith(current, asWords(choices))
}

/** Completes what has the name of a thing: `run`, `file`, `dir`, or one of them with an ending. */
function completeNamed(name: string, current: string, root: string): Completion {
  if (/^(run|simulation)/i.test(name)) return startingWith(current, asWords(runsOf(root)))
  if (/^(dir)/i.test(name)) return { ...NOTHING, paths: 'directories' }
  if (/(file|path)/i.test(name)) return { ...NOTHING, paths: 'files' }
  return NOTHING
}

function runsOf(root: string): string[] {
  try {
    return discoverSegments(root).simulations.map(({ id }) => id)
  } catch {
    // Whoever completes is not to be told: the command itself will say it.
    return []
  }
}

/** Completes the last of words with commas between them. */
function completeList(current: string, words: readonly string[]): Completion {
  const before = current.slice(0, current.lastIndexOf(',') + 1)
  const taken = new Set(before.split(','))
  const free = words.filter((word) => !taken.has(word)).map((word) => `${before}${word}`)
  return startingWith(current, asWords(free))
}

function asWords(words: readonly string[]): Candidate[] {
  return words.map((word) => ({ word }))
}

/** Those that may be finished; one with a line break or a tab in it would be taken for several. */
function startingWith(current: string, candidates: readonly Candidate[]): Completion {
  const fits = ({ word }: Candidate): boolean =>
    word.startsWith(current) && printable(word) === word
  return { typed: current, candidates: candidates.filter(fits), paths: 'none' }
}
