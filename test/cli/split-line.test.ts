import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { continueWord, splitLine } from '../../cli/completion/split-line.js'
import type { Shell } from '../../cli/completion/scripts.js'

const AROUND = { home: '/home/ada', environment: { DATA: '/data' } }

function split(line: string, shell: Shell = 'bash') {
  return splitLine(line, shell, AROUND)
}

function textsOf(line: string, shell?: Shell): string[] {
  return split(line, shell).map(({ text }) => text)
}

/** What bash is to append to the last word of a line. */
function restOf(line: string, rest: string): string | undefined {
  const word = split(line).at(-1)
  return word && continueWord(word, rest)
}

describe('splitLine', () => {
  it.each([
    ['turnlog ls', ['turnlog', 'ls']],
    ['turnlog  ls\t', ['turnlog', 'ls', '']],
    ['', ['']],
    [String.raw`a with\ blank`, ['a', 'with blank']],
    [String.raw`'it'\''s' "b c"d ''`, ["it's", 'b cd', '']],
    [String.raw`"\"\$\a" '\a'`, [String.raw`"$\a`, String.raw`\a`]],
    ['a --root=b=c run:1', ['a', '--root=b=c', 'run:1']],
  ])('takes %s as the shell does', (line, words) => {
    expect(textsOf(line)).toEqual(words)
  })

  it.each([
    ['~', '/home/ada'],
    ['~/runs', '/home/ada/runs'],
    ['$DATA/runs', '/data/runs'],
    ['"${DATA}"/runs', '/data/runs'],
    ["'$DATA'", '$DATA'],
    [String.raw`\$DATA`, '$DATA'],
    ['$UNKNOWN/runs', '$UNKNOWN/runs'],
    ['~bob/runs', '~bob/runs'],
    ['a~', 'a~'],
    ["'~'/runs", '~/runs'],
    ['--root=~/runs', '--root=~/runs'],
    ['$(echo)', '$(echo)'],
    ['`echo`', '`echo`'],
  ])('%s stands for %s', (word, text) => {
    expect(textsOf(`turnlog --root ${word}`)).toEqual(['turnlog', '--root', text])
  })

  it.each([
    ["'a b", { text: 'a b', quote: "'", escapes: false }],
    ['"a b', { text: 'a b', quote: '"', escapes: false }],
    ['x"a b', { text: 'xa b', quote: '"', escapes: false }],
    ['a\\', { text: 'a', quote: '', escapes: true }],
    ['"a\\', { text: 'a', quote: '"', escapes: true }],
    ["'a\\", { text: 'a\\', quote: "'", escapes: false }],
  ])('says how %s ends', (line, end) => {
    expect(split(line)).toEqual([{ ...end, evaluated: false }])
  })

  it('takes a backslash between single quotes as fish does', () => {
    expect(textsOf(String.raw`'it\'s \a' b`, 'fish')).toEqual([String.raw`it's \a`, 'b'])
  })
})

describe('continueWord', () => {
  it.each([
    ['', '$(a) b', String.raw`\$\(a\)\ b`],
    ["'", '$(a) b', '$(a) b'],
    ['"', '$(a) "b"', String.raw`\$(a) \"b\"`],
    ['a\\', ' b c', String.raw` b\ c`],
    ['DECISION,', 'ACTION', 'ACTION'],
    ['', 'é:国.1', 'é:国.1'],
  ])('behind %s puts %s as %s', (line, rest, typed) => {
    expect(restOf(line, rest)).toBe(typed)
  })

  it.each([
    ["'", "it's"],
    ['"', 'wow!'],
    ['a\\', ''],
    // What follows would be evaluated, or be another variable.
    ['"$', '(touch pwned)'],
    ['$', '(touch pwned)'],
    ['`', 'touch pwned`'],
    ['$DATA', 'x'],
    ['a*', 'b'],
    ['~', 'bob'],
  ])('behind %s cannot put %s', (line, rest) => {
    expect(restOf(line, rest)).toBeUndefined()
  })

  it('makes a word that is taken as its text, and in which nothing is evaluated', () => {
    const character = fc.oneof(
      fc.constantFrom(...Array.from('$`\\"\'!(){}*?[]~;&|<> #^=:-')),
      fc.string(),
    )
    const text = fc.array(character).map((all) => all.join('').replaceAll(/\s/g, ' '))
    fc.assert(
      fc.property(text, fc.constantFrom('', "'", '"'), (rest, quote) => {
        const typed = restOf(`turnlog a${quote}`, rest)
        fc.pre(typed !== undefined)
        const [, word, ...others] = split(`turnlog a${quote}${typed}${quote}`)
        expect(word).toEqual({ text: `a${rest}`, quote: '', escapes: false, evaluated: false })
        expect(others).toEqual([])
      }),
    )
  })
})
