import { execFileSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { eventLine, segmentText } from '../support/event-lines.js'
import { runCli } from '../support/run-cli.js'
import { temporaryDirectory } from '../support/temporary-directory.js'

const MAIN = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url))

/** Names a shell would do something with. */
const HOSTILE = ['$(touch pwned)', 'a b', "it's", 'm-1', 'm-2', '`touch pwned`', 'x;touch pwned']

/** A directory with runs below `output`, a `turnlog` to be found, and a shell's script. */
async function place(shell: string): Promise<{ directory: string; script: string; path: string }> {
  const directory = temporaryDirectory()
  for (const run of HOSTILE) {
    mkdirSync(join(directory, 'output', run), { recursive: true })
    writeFileSync(join(directory, 'output', run, 'events.jsonl'), segmentText(eventLine('a')))
  }
  const script = join(directory, `_turnlog.${shell}`)
  writeFileSync(script, (await runCli('completion', shell)).stdout)
  const bin = join(directory, 'bin')
  mkdirSync(bin)
  writeFileSync(join(bin, 'turnlog'), `#!/bin/sh\nexec '${process.execPath}' '${MAIN}' "$@"\n`)
  chmodSync(join(bin, 'turnlog'), 0o755)
  return { directory, script, path: `${bin}:${process.env['PATH'] ?? ''}` }
}

function isInstalled(shell: string): boolean {
  try {
    execFileSync(shell, ['-c', 'true'])
    return true
  } catch {
    return false
  }
}

type Ask = (line: string) => string[]

/** Asks a real shell; each line is completed at its end. */
async function asker(shell: 'bash' | 'zsh' | 'fish'): Promise<{ ask: Ask; directory: string }> {
  const { directory, script, path } = await place(shell)
  const run = (args: string[]): string =>
    execFileSync(shell, args, {
      cwd: directory,
      encoding: 'utf8',
      env: { ...process.env, PATH: path, HOME: directory, TERM: 'dumb' },
      stdio: ['ignore', 'pipe', 'ignore'],
    })
  const asks: Record<typeof shell, Ask> = {
    bash: (line) => {
      const source = `source "$1"; COMP_LINE=$2 COMP_POINT=\${#2}
        complete -p turnlog >/dev/null && _turnlog turnlog "$3" ''
        [ \${#COMPREPLY[@]} = 0 ] || printf '%s\\n' "\${COMPREPLY[@]}"`
      return linesOf(run(['--norc', '-c', source, 'bash', script, line, atCursor(line)]))
    },
    fish: (line) =>
      linesOf(run(['-N', '-c', 'source $argv[1]; complete -C $argv[2]', script, line])).map(
        (found) => found.split('\t')[0] ?? '',
      ),
    // It completes in its line editor alone: it is given a terminal and a tab.
    zsh: (line) => {
      writeFileSync(
        join(directory, '.zshrc'),
        `PS1=READY; autoload -U compinit; compinit -u -D; source '${script}'
        functions[_real]=\${functions[_turnlog]/_describe/_noted}
        _noted() { print -rl -- "\${(@)candidates%%:*}" > found; _describe "$@" }
        _turnlog() { _real "$@" }
        show() { print -r -- "$BUFFER" > shown; exit }
        zle -N show; bindkey '^G' show`,
      )
      for (const name of ['found', 'shown']) rmSync(join(directory, name), { force: true })
      const source = `zmodload zsh/zpty; export ZDOTDIR=$HOME; zpty shell zsh -i
        zpty -r -m shell out '*READY*'; zpty -w -n shell "$1"$'\\t'; zpty -w -n shell $'\\C-g'
        until [[ -s shown ]]; do sleep 0.05; done; zpty -d shell`
      run(['-f', '-c', source, 'zsh', line])
      const read = (name: string): string =>
        existsSync(join(directory, name)) ? readFileSync(join(directory, name), 'utf8') : ''
      const found = linesOf(read('found'))
      const [only] = found
      const isPlain = !/['"\\]/.test(line)
      if (isPlain && found.length === 1) {
        expect(read('shown')).toBe(`${line.slice(0, -atCursor(line).length)}${only} \n`)
      }
      return found
    },
  }
  return { ask: asks[shell], directory }
}

/** What bash calls the word at the cursor, which it replaces: what follows an open quote, a blank or `=`. */
function atCursor(line: string): string {
  const quote = /["']/.exec(line.replaceAll(/\\.|'[^']*'|"[^"]*"/g, ''))?.[0]
  if (quote !== undefined) return line.slice(line.lastIndexOf(quote) + 1)
  return /(?:\\.|[^ =\\])*$/.exec(line)?.[0] ?? ''
}

function linesOf(text: string): string[] {
  return text.split('\n').filter((line) => line !== '')
}

describe.each((['bash', 'zsh', 'fish'] as const).filter(isInstalled))(
  'turnlog completion %s',
  (shell) => {
    it('completes commands, flags, choices, runs and directories', async () => {
      const { ask } = await asker(shell)
      expect(ask('turnlog rei')).toEqual(['reindex'])
      expect(ask('turnlog verify --js')).toEqual(['--json'])
      expect(ask('turnlog completion ').sort()).toEqual(['bash', 'fish', 'zsh'])
      expect(ask('turnlog verify m-').sort()).toEqual(['m-1', 'm-2'])
      expect(ask('turnlog verify --root nowhere m-')).toEqual([])
      expect(ask('turnlog help rei')).toEqual(['reindex'])
      expect(ask('turnlog events m-1 --order d')).toEqual(['desc'])
      expect(ask('turnlog trace m-1 a --direction=up').join()).toMatch(/^(--direction=)?upstream$/)
      expect(ask('turnlog events m-1 --type DECISION,A')).toEqual(['DECISION,ACTION'])
    })

    it.each(['~/output', '"$HOME/output"', "'output'"])('finds the runs below %s', async (root) => {
      const { ask } = await asker(shell)
      expect(ask(`turnlog verify --root ${root} m-`).sort()).toEqual(['m-1', 'm-2'])
    })

    it.each(["'a ", 'a\\ '])('goes on behind %s', async (typed) => {
      const { ask } = await asker(shell)
      const found = ask(`turnlog verify ${typed}`)
      expect(found.map((word) => word.replaceAll('\\', ''))).toEqual(['a b'])
    })

    it('executes nothing of the name of a run', async () => {
      const { ask, directory } = await asker(shell)
      expect(ask('turnlog verify ').length).toBe(HOSTILE.length)
      expect(existsSync(join(directory, 'pwned'))).toBe(false)
    })
  },
)

describe.runIf(isInstalled('bash'))('what bash is offered', () => {
  /** What bash makes of the last word of a line. */
  const lastWordOf = (line: string): string => {
    const source = `turnlog() { printf %s "\${@: -1}"; }; ${line}`
    return execFileSync('bash', ['--norc', '-c', source], {
      cwd: temporaryDirectory(),
      encoding: 'utf8',
    })
  }

  it.each([
    ['', HOSTILE],
    ["'", HOSTILE.filter((run) => !run.includes("'"))],
    ['"', HOSTILE],
  ])('is taken as the name of the run behind %j', async (quote, runs) => {
    const { ask } = await asker('bash')
    const line = `turnlog verify ${quote}`
    const taken = ask(line).map((word) => lastWordOf(`${line}${word}${quote}`))
    expect(taken.sort()).toEqual([...runs].sort())
  })

  it.each(['"$', '`'])('is nothing behind %s', async (typed) => {
    const { ask, directory } = await asker('bash')
    expect(ask(`turnlog verify ${typed}`)).toEqual([])
    expect(existsSync(join(directory, 'pwned'))).toBe(false)
  })
})

describe('turnlog complete', () => {
  it.each([
    ['serve --root ', ':directories\n'],
    ['serve --root=ou', ':directories\n'],
    ['serve --db ', ':files\n'],
    ['nonsense ', ':none\n'],
    ['completion z', 'zsh\n:none\n'],
  ])('%s', async (line, printed) => {
    expect((await runCli('complete', 'zsh', '--', `turnlog ${line}`)).stdout).toBe(printed)
  })

  it('tells bash what is still to be typed', async () => {
    const { stdout } = await runCli('complete', 'bash', '--', 'turnlog completion z')
    expect(stdout).toBe('+sh\n:none\n')
  })
})
