import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { createProgram } from '#cli/program.js'
import { ERROR_CODES } from '#src/errors.js'
import { patternOf, SessionPlace, sessionsOf } from '../support/sessions.js'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const PAGES = ['README.md', ...readdirSync(join(ROOT, 'docs')).map((name) => `docs/${name}`)]
  .filter((page) => page.endsWith('.md'))
  .filter((page) => sessionsOf(page).length > 0)

/** A page has dozens of commands, each a process of its own. */
const SESSIONS_MS = 240_000

/** Files that a page shows: a block whose first line is a comment with nothing but a name. */
function filesShownIn(page: string): Record<string, string> {
  const text = readFileSync(join(ROOT, page), 'utf8')
  const blocks = text.matchAll(/^```\w+\n(?:\/\/|#|--) ([\w.-]+\.\w+)\n(.*?)^```/gms)
  const library = new URL('../../dist/src/index.js', import.meta.url).href
  return Object.fromEntries(
    [...blocks].map(([, name = '', body = '']) => [
      name,
      body.replaceAll("from 'turnlog'", `from '${library}'`),
    ]),
  )
}

describe.each(PAGES)('%s', (page) => {
  it(
    'shows what is really printed',
    async () => {
      const place = new SessionPlace(filesShownIn(page))
      try {
        for (const session of sessionsOf(page)) {
          await place.prepare(session)
          for (const step of session) {
            const printed = await place.replay(step)
            if (!patternOf(step.expected).test(printed)) {
              expect({ command: step.command, printed }).toEqual({
                command: step.command,
                printed: step.expected,
              })
            }
          }
        }
      } finally {
        await place.end()
      }
    },
    SESSIONS_MS,
  )
})

describe('docs/cli.md', () => {
  it('has a session of every command, in the order of the help', () => {
    const silent = new PassThrough()
    const program = createProgram({ out: silent, err: silent }, () => undefined)
    const commands = program
      .createHelp()
      .visibleCommands(program)
      .map((one) => one.name())
    const expected = commands.filter((name) => name !== 'help')
    const text = readFileSync(join(ROOT, 'docs/cli.md'), 'utf8')
    const sections = [...text.matchAll(/^## `turnlog (\w+)`/gm)].map(([, name]) => name)
    expect(sections).toEqual(expected)
    const shown = new Set(
      sessionsOf('docs/cli.md')
        .flat()
        .map(({ command }) => /^turnlog (\w+)/.exec(command)?.[1]),
    )
    expect(expected.filter((name) => !shown.has(name))).toEqual([])
  })
})

describe('docs/troubleshooting.md', () => {
  it('names no error code that there is none of', () => {
    const text = readFileSync(join(ROOT, 'docs/troubleshooting.md'), 'utf8')
    const codes = [...text.matchAll(/`([A-Z]+(?:_[A-Z]+)+)`/g)]
      .map(([, code = '']) => code)
      .filter((code) => !code.startsWith('TURNLOG_') && code !== 'NO_COLOR')
    expect(codes.length).toBeGreaterThan(8)
    for (const code of codes) expect(Object.keys(ERROR_CODES)).toContain(code)
  })
})
