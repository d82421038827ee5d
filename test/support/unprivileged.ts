import { execFileSync } from 'node:child_process'
import { chownSync } from 'node:fs'

const NOBODY = 65534

/**
 * Runs a module's text in another process that file permissions bind, also
 * where the tests run as root. What it imports is loaded before it gives its
 * rights away.
 *
 * @param imports the modules it needs, by the name it uses them under
 * @param body statements over `imports` and `argument`
 * @param owned paths it is made the owner of
 * @returns what the body writes to its standard output
 */
export function runUnprivileged(
  imports: Readonly<Record<string, string>>,
  body: string,
  argument: string,
  owned: readonly string[] = [],
): string {
  if (process.getuid?.() === 0) for (const path of owned) chownSync(path, NOBODY, NOBODY)
  const lines = Object.entries(imports).map(
    ([name, specifier]) => `import * as ${name} from '${specifier}'`,
  )
  const dropRights = `if (process.getuid() === 0) {
    process.setgroups([])
    process.setgid(${NOBODY})
    process.setuid(${NOBODY})
  }`
  const source = [...lines, dropRights, 'const argument = process.argv[1]', body].join('\n')
  return execFileSync(process.execPath, ['--input-type=module', '--eval', source, argument], {
    encoding: 'utf8',
  })
}
