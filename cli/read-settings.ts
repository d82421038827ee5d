import { type Command, Option } from 'commander'
import { TurnlogError } from '../src/errors.js'
import type { Setting, SettingValues } from '../src/settings.js'

type Settings = Readonly<Record<string, Setting<unknown>>>

/** Adds a flag for each setting, with its default and its environment variable in the help. */
export function addSettings(command: Command, settings: Settings): Command {
  for (const { flag, environment, default: fallback, help } of Object.values(settings)) {
    const isShown = fallback !== undefined && flag.includes('<')
    const origin = `${isShown ? `default: ${fallback}, ` : ''}env: ${environment}`
    command.addOption(new Option(flag, `${help} (${origin})`))
  }
  return command
}

/**
 * The value of each setting: from its flag, else from the environment, else
 * its default. An empty environment variable is one that is not set.
 *
 * @param command that was given the flags with {@link addSettings}
 * @throws TurnlogError SETTING_INVALID naming every flag and variable that is wrong
 */
export function readSettings<S extends Settings>(
  command: Command,
  settings: S,
  environment: NodeJS.ProcessEnv = process.env,
): SettingValues<S> {
  const values: Record<string, unknown> = {}
  const problems: string[] = []
  for (const [name, setting] of Object.entries(settings)) {
    const given = findGiven(command, name, setting, environment)
    if (given === undefined) continue
    const parsed = setting.schema.safeParse(given.text)
    if (parsed.success) values[name] = parsed.data
    else problems.push(`${given.origin} ${parsed.error.issues[0]?.message ?? 'is wrong'}`)
  }
  if (problems.length > 0) {
    throw new TurnlogError('SETTING_INVALID', {
      message: problems.join('; '),
      hint: `\`turnlog ${command.name()} --help\` lists the settings`,
    })
  }
  return values as SettingValues<S>
}

/** What a setting was given as, and by what: the name an error has to tell. */
function findGiven(
  command: Command,
  name: string,
  { flag, environment: variable, default: fallback }: Setting<unknown>,
  environment: NodeJS.ProcessEnv,
): { readonly text: string; readonly origin: string } | undefined {
  const [origin = flag] = flag.split(' ')
  if (command.getOptionValueSource(name) === 'cli') {
    return { text: String(command.getOptionValue(name)), origin }
  }
  const value = environment[variable]
  if (value !== undefined && value !== '') return { text: value, origin: variable }
  return fallback === undefined ? undefined : { text: fallback, origin }
}
