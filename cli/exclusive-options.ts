import { Option } from 'commander'

/**
 * Flags of which one may be given: commander refuses two of them.
 *
 * @param help what each flag does, by its name without dashes
 */
export function exclusiveOptions(help: Readonly<Record<string, string>>): Option[] {
  const names = Object.keys(help)
  return Object.entries(help).map(([name, text]) =>
    new Option(`--${name}`, text).conflicts(names.filter((other) => other !== name)),
  )
}
