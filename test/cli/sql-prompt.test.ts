import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'
import { PassThrough } from 'node:stream'
import { describe, expect, it, onTestFinished } from 'vitest'
import { historyPath, keepLine, readHistory } from '#cli/sql/history.js'
import { runPrompt } from '#cli/sql/prompt.js'
import { endsStatement } from '#cli/sql/statement-end.js'
import { TurnlogError } from '#src/errors.js'
import { eventually } from '../support/eventually.js'
import { temporaryDirectory } from '../support/temporary-directory.js'

const CTRL_C = '\u0003'
const CTRL_D = '\u0004'
const ENTER = '\r'
const UP = '\u001b[A'
const TAB = '\t'

/** A prompt at a terminal that this test types at; a query with `runaway` in it does not end by itself. */
function startPrompt(history: readonly string[] = []) {
  const input = new PassThrough()
  const out = new PassThrough()
  const err = new PassThrough()
  let shown = ''
  for (const stream of [out, err]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      shown += text
    })
  }
  const interrupted = new AbortController()
  const queries: string[] = []
  const typed: string[] = []
  let isOver = false
  const ended = runPrompt({
    input,
    output: { out, err },
    history,
    interrupted: interrupted.signal,
    names: ['events', 'event_id', 'agent_id'],
    onLine: (line) => typed.push(line),
    run: async (query, signal) => {
      queries.push(query)
      if (query.includes('wrong')) {
        throw new TurnlogError('QUERY_INVALID', { message: 'it is wrong', hint: 'mend it' })
      }
      if (query.includes('runaway')) {
        await new Promise((_, reject) => {
          signal.addEventListener('abort', () => {
            reject(new Error('aborted'))
          })
        })
      }
      return { rows: 2, isCutOff: query.includes('long') }
    },
  }).then(() => {
    isOver = true
  })
  onTestFinished(async () => {
    input.write(CTRL_D)
    await ended
  })
  return {
    type: (text: string) => input.write(text),
    queries,
    typed,
    ended,
    isOver: () => isOver,
    showsNext: (text: string) =>
      eventually(() => {
        const at = shown.indexOf(text)
        expect({ text, shown, isThere: at !== -1 }).toMatchObject({ isThere: true })
        shown = shown.slice(at + text.length)
      }),
  }
}

describe('the prompt of turnlog sql', () => {
  it('takes a query of several lines up to its semicolon', async () => {
    const { type, queries, typed, showsNext } = startPrompt()
    await showsNext('turnlog> ')
    type(`SELECT ';'${ENTER}`)
    await showsNext('...> ')
    type(`FROM events; -- all${ENTER}`)
    await showsNext('(2 rows, ')
    await showsNext('turnlog> ')
    expect(queries).toEqual(["SELECT ';'\nFROM events; -- all"])
    expect(typed).toEqual(["SELECT ';'", 'FROM events; -- all'])
    type(`SELECT long;${ENTER}`)
    await showsNext('(2 rows, and there are more, ')
  })

  it('shows errors, and goes on', async () => {
    const { type, showsNext } = startPrompt()
    type(`SELECT wrong;${ENTER}`)
    await showsNext('turnlog: it is wrong\n  mend it\n')
    type(`SELECT 1;${ENTER}`)
    await showsNext('(2 rows, ')
  })

  it('ends the query under way at Ctrl-C, and keeps the prompt', async () => {
    const { type, queries, isOver, showsNext } = startPrompt()
    type(`SELECT runaway;${ENTER}`)
    await eventually(() => {
      expect(queries).toHaveLength(1)
    })
    type(`SELECT ahead;${ENTER}${CTRL_C}`)
    await showsNext('(stopped)')
    await showsNext('turnlog> ')
    expect(isOver()).toBe(false)
    type(`SELECT 1;${ENTER}`)
    await showsNext('(2 rows, ')
    expect(queries).toEqual(['SELECT runaway;', 'SELECT 1;'])
  })

  it('throws away at Ctrl-C what is typed, and says how to leave', async () => {
    const { type, queries, showsNext } = startPrompt()
    type(`SELECT${ENTER}nonsense${CTRL_C}SELECT 1;${ENTER}`)
    await showsNext('(2 rows, ')
    expect(queries).toEqual(['SELECT 1;'])
    type(CTRL_C)
    await showsNext('(Ctrl-D or .quit leaves)')
  })

  it('runs what is pasted one after the other', async () => {
    const { type, queries, showsNext } = startPrompt()
    type(`SELECT 1;${ENTER}${ENTER}SELECT${ENTER}2;${ENTER}.tables${ENTER}`)
    for (let query = 0; query < 3; query++) await showsNext('(2 rows, ')
    expect(queries.slice(0, 2)).toEqual(['SELECT 1;', 'SELECT\n2;'])
    expect(queries[2]).toContain('sqlite_schema')
  })

  it('helps with words, names and earlier lines', async () => {
    const { type, queries, showsNext } = startPrompt(['SELECT latest;', 'SELECT earlier;'])
    type(`.help${ENTER}`)
    await showsNext('.schema  the columns of each of them')
    type(`${UP}${UP}${UP}${ENTER}`)
    await showsNext('(2 rows, ')
    type('SELECT ag')
    type(TAB)
    await showsNext('SELECT agent_id')
    type(`;${ENTER}`)
    await showsNext('(2 rows, ')
    expect(queries).toEqual(['SELECT earlier;', 'SELECT agent_id;'])
  })

  it.each([
    ['Ctrl-D', CTRL_D],
    ['.quit', `.quit${ENTER}`],
    ['Ctrl-D while a query runs', `SELECT runaway;${ENTER}${CTRL_D}`],
  ])('is left by %s', async (_, keys) => {
    const { type, ended } = startPrompt()
    type(keys)
    await ended
  })
})

describe('the prompt of turnlog sql that is interrupted', () => {
  it('ends, and its query, with the reason', async () => {
    const interrupted = new AbortController()
    let isStopped = false
    const input = new PassThrough()
    const ended = runPrompt({
      input,
      output: { out: new PassThrough().resume(), err: new PassThrough().resume() },
      interrupted: interrupted.signal,
      history: [],
      names: [],
      onLine: () => undefined,
      run: (_, signal) =>
        new Promise((_resolve, reject) => {
          signal.addEventListener('abort', () => {
            isStopped = true
            reject(new Error('aborted'))
          })
          interrupted.abort(new Error('SIGTERM'))
        }),
    })
    input.write(`SELECT runaway;${ENTER}`)
    await expect(ended).rejects.toThrow('SIGTERM')
    expect(isStopped).toBe(true)
  })
})

describe('a query has come to its end', () => {
  it.each([
    'SELECT 1;',
    'SELECT 1 ; ',
    'SELECT 1; -- one',
    "SELECT ';';",
    'SELECT 1;/* ; */\n;',
    ';',
  ])('with %j', (text) => {
    expect(endsStatement(text)).toBe(true)
  })

  it.each([
    '',
    'SELECT 1',
    "SELECT ';",
    "SELECT 'it''s;",
    'SELECT ";',
    'SELECT [;',
    'SELECT `;',
    'SELECT 1 -- ;',
    'SELECT 1 /* ;',
    'SELECT 1; SELECT 2',
    "SELECT '--';\n'",
  ])('not with %j', (text) => {
    expect(endsStatement(text)).toBe(false)
  })
})

describe('the history of the prompt', () => {
  it('is where XDG says', () => {
    expect(historyPath({ XDG_STATE_HOME: '/state' })).toBe('/state/turnlog/sql-history')
    const fallback = join(homedir(), '.local/state/turnlog/sql-history')
    for (const given of [undefined, '', 'relative']) {
      expect(historyPath({ XDG_STATE_HOME: given })).toBe(fallback)
    }
  })

  it('keeps lines for this user alone, the latest first', () => {
    const path = join(temporaryDirectory(), 'new', 'turnlog', 'sql-history')
    expect(readHistory(path)).toEqual([])
    for (const line of ['SELECT 1;', 'SELECT', '2;']) keepLine(path, line)
    expect(readHistory(path)).toEqual(['2;', 'SELECT', 'SELECT 1;'])
    expect(statSync(path).mode & 0o777).toBe(0o600)
  })

  it('forgets the oldest lines when there are many', () => {
    const path = join(temporaryDirectory(), 'turnlog', 'sql-history')
    mkdirSync(dirname(path))
    const lines = Array.from({ length: 2_500 }, (_, index) => `SELECT ${index};`)
    writeFileSync(path, `${lines.join('\n')}\n`)
    const history = readHistory(path)
    expect(history).toHaveLength(1_000)
    expect(history[0]).toBe('SELECT 2499;')
    expect(readFileSync(path, 'utf8').split('\n')).toHaveLength(1_001)
  })
})
