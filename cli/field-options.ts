import { type Command, Option } from 'commander'
import type { z } from 'zod'
import { TurnlogError } from '../src/errors.js'
import { nearestName } from '../src/nearest-name.js'
import { type FieldProblem, parseFields } from '../src/query/parse-fields.js'

/** A flag that stands for a field, whose name is the one of the API's parameter. */
export interface FieldFlag {
  /** With its placeholder. */
  readonly flag: string
  readonly help: string
  /**
   * How several values are given: by repeating the flag, with commas between them as well where
   * none has a comma, or repeated as `path=value`.
   */
  readonly several?: 'repeated' | 'listed' | 'pairs'
  /** The values there are, in capitals, where that is known: an error names the nearest one. */
  readonly known?: readonly string[]
  /** The words there are, for help and completion; the field says what is wrong with another. */
  readonly choices?: readonly string[]
}

/** A flag for each field, by its name. */
export type FieldFlags<Field extends string = string> = Readonly<Record<Field, FieldFlag>>

/** Adds a flag for each field. */
export function addFieldOptions(command: Command, flags: FieldFlags): Command {
  for (const { flag, help, several, choices } of Object.values(flags)) {
    const option = new Option(flag, help)
    // Not by `choices()`, which would refuse another word alone, before the other flags are looked at.
    if (choices !== undefined) option.argChoices = [...choices]
    if (several !== undefined) option.argParser(gather)
    command.addOption(option)
  }
  return command
}

function gather(value: string, before: unknown): string[] {
  return [...texts(before), value]
}

function texts(values: unknown): string[] {
  return Array.isArray(values) ? values.map(String) : []
}

/**
 * What the flags of {@link addFieldOptions} come to.
 *
 * @throws TurnlogError SETTING_INVALID naming every flag that is wrong, and its value
 */
export function readFields<S extends z.ZodObject>(
  command: Command,
  schema: S,
  flags: FieldFlags,
): z.infer<S> {
  const given: Record<string, unknown> = {}
  const problems: string[] = []
  for (const [field, flag] of Object.entries(flags)) {
    const value: unknown = command.getOptionValue(new Option(flag.flag).attributeName())
    if (value === undefined) continue
    given[field] = toField(value, flag, problems)
  }
  const parsed = parseFields(schema, given)
  if (parsed.problems === undefined && problems.length === 0) return parsed.values
  for (const problem of parsed.problems ?? []) problems.push(describeProblem(problem, flags))
  throw new TurnlogError('SETTING_INVALID', {
    message: problems.join('; '),
    hint: `\`turnlog ${command.name()} --help\` says what each flag takes`,
  })
}

function toField(value: unknown, flag: FieldFlag, problems: string[]): unknown {
  if (flag.several === 'listed') {
    return texts(value).flatMap((text) => text.split(',').map((part) => part.trim()))
  }
  if (flag.several !== 'pairs') return value
  return texts(value).flatMap((text) => {
    const equals = text.indexOf('=')
    if (equals !== -1) return [[text.slice(0, equals), text.slice(equals + 1)]]
    problems.push(`${nameOf(flag)} ${JSON.stringify(text)} must be a path, = and a value`)
    return []
  })
}

function nameOf({ flag }: FieldFlag): string {
  return flag.split(' ')[0] ?? flag
}

function describeProblem({ field, value, message }: FieldProblem, flags: FieldFlags): string {
  const [family, flag] = findFlag(field, flags)
  const given = family === field ? value : field.slice(family.indexOf('<'))
  const nearest =
    given === undefined ? undefined : nearestName(given.toUpperCase(), flag?.known ?? [])
  return [
    flag === undefined ? field : nameOf(flag),
    given === undefined ? '' : ` ${JSON.stringify(given)}`,
    ` ${inFlags(message, flags)}`,
    nearest === undefined ? '' : `; did you mean ${nearest}?`,
  ].join('')
}

/** A message about fields as one about their flags. */
function inFlags(message: string, flags: FieldFlags): string {
  return message.replaceAll(/\b[a-z]+_[a-z]+\b/g, (field) => {
    const flag = flags[field]
    return flag === undefined ? field : nameOf(flag)
  })
}

/** The flag of a field, or of the family like `details.<path>` that it belongs to. */
function findFlag(field: string, flags: FieldFlags): [name: string, flag: FieldFlag | undefined] {
  const family = Object.keys(flags).find((name) => {
    const [beginning = '', variable] = name.split('<')
    return variable !== undefined && field !== name && field.startsWith(beginning)
  })
  return [family ?? field, flags[family ?? field]]
}
