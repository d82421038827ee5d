import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { execFileSync } from 'node:child_process'
import { dirname, join } from 'node:path'
import { PassThrough } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { createProgram } from '#cli/program.js'
import { ERROR_CODES } from '#src/errors.js'
import { temporaryDirectory } from '../support/temporary-directory.js'
import { recorded } from '../support/writing.js'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))

function page(name: string): string {
  return readFileSync(join(ROOT, name), 'utf8')
}

/** The texts of a page's code blocks in a language. */
function codeBlocks(name: string, language: string): string[] {
  const fence = new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\``, 'gms')
  return [...page(name).matchAll(fence)].map(([, text = '']) => text)
}

describe('every page', () => {
  const pages = ['README.md', 'CHANGELOG.md', ...markdownBelow('docs')]

  it.each(pages)('%s links to what is there', (name) => {
    const links = [...page(name).matchAll(/\]\((?!https?:)([^)#]+)[^)]*\)/g)]
    for (const [, target = ''] of links) {
      expect(existsSync(join(ROOT, dirname(name), target)), `${name} → ${target}`).toBe(true)
    }
  })
})

function markdownBelow(directory: string): string[] {
  return readdirSync(join(ROOT, directory), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md'))
    .map((name) => join(directory, name))
}

describe('README.md', () => {
  it('has two commands that package.json knows', () => {
    const { scripts } = JSON.parse(page('package.json')) as { scripts: Record<string, string> }
    const commands = [...page('README.md').matchAll(/^npm ci && npm (?:run )?(\w+)/gm)]
    expect(commands.map(([, script]) => script)).toEqual(['demo', 'test'])
    for (const [, script = ''] of commands) expect(scripts).toHaveProperty(script)
  })

  it('shows a writer that records', () => {
    const directory = temporaryDirectory()
    const [snippet = ''] = codeBlocks('README.md', 'ts')
    const library = new URL('../../dist/src/index.js', import.meta.url).href
    const script = join(directory, 'snippet.mjs')
    expect(snippet).toContain("from 'turnlog'")
    writeFileSync(script, snippet.replace("'turnlog'", `'${library}'`))
    execFileSync(process.execPath, [script], { cwd: directory })
    expect(recorded(join(directory, 'output'), 'market-1')).toHaveLength(200)
  })
})

describe('docs/settings.md', () => {
  it('is what its script writes', () => {
    const written = execFileSync(process.execPath, ['scripts/settings-page.mjs'], { cwd: ROOT })
    expect(page('docs/settings.md')).toBe(written.toString())
  })
})

describe('docs/cli.md and docs/settings.md', () => {
  it('have every command and every flag', () => {
    const text = page('docs/cli.md') + page('docs/settings.md')
    const silent = new PassThrough()
    const program = createProgram({ out: silent, err: silent }, () => undefined)
    expect(program.commands.length).toBeGreaterThan(4)
    for (const command of program.createHelp().visibleCommands(program)) {
      if (command.name() === 'help') continue
      expect(text).toContain(`turnlog ${command.name()}`)
      for (const option of command.options) expect(text).toContain(option.long ?? option.flags)
    }
  })
})

describe('docs/errors.md', () => {
  it('has every code with its meaning, and no other', () => {
    const rows = [...page('docs/errors.md').matchAll(/^\| `([A-Z_]+)` +\| (.+?) +\| /gm)]
    expect(Object.fromEntries(rows.map(([, code = '', meaning]) => [code, meaning]))).toEqual(
      ERROR_CODES,
    )
  })
})
