import { execFileSync } from 'node:child_process'

/** What lets root read and write in spite of permissions; see capabilities(7). */
const WITHOUT_OVERRIDE = '--bounding-set=-dac_override,-dac_read_search'

/**
 * Runs a module's text in another process that file permissions bind, also
 * where the tests run as root.
 *
 * @param imports the modules it needs, by the name it uses them under
 * @param body statements over `imports` and `argument`
 * @returns what the body writes to its standard output
 */
export function runUnprivileged(
  imports: Readonly<Record<string, string>>,
  body: string,
  argument: string,
): string {
  const lines = Object.entries(imports).map(
    ([name, specifier]) => `import * as ${name} from '${specifier}'`,
  )
  const source = [...lines, 'const argument = process.argv[1]', body].join('\n')
  const node = [process.execPath, '--input-type=module', '--eval', source, argument]
  const isRoot = process.getuid?.() === 0
  const [command = '', ...rest] = isRoot ? ['setpriv', WITHOUT_OVERRIDE, ...node] : node
  return execFileSync(command, rest, { encoding: 'utf8' })
}
