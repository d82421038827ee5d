import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { eventLine, segmentText } from '../support/event-lines.js'
import { type CommandResult, runCli } from '../support/run-cli.js'
import { temporaryDirectory } from '../support/temporary-directory.js'

const line = eventLine('e')

/** A root with the runs a and b, and what exports them by force. */
async function indexed(): Promise<{
  root: string
  force: (...args: string[]) => Promise<CommandResult>
}> {
  const root = join(temporaryDirectory(), 'root')
  for (const run of ['a', 'b']) {
    mkdirSync(join(root, run), { recursive: true })
    writeFileSync(join(root, run, 'events.jsonl'), segmentText(line))
  }
  await runCli('index', '--root', root, '--no-search')
  const flags = ['--root', root, '--format', 'ndjson', '--force']
  return { root, force: async (...args) => runCli('export', ...flags, ...args) }
}

describe('turnlog export --force', () => {
  it('replaces a file and keeps its permissions', async () => {
    const { root, force } = await indexed()
    const output = join(root, 'out')
    writeFileSync(output, 'old')
    chmodSync(output, 0o600)
    expect(await force('a', '--output', output)).toMatchObject({ code: 0, stderr: '' })
    expect(readFileSync(output, 'utf8')).toBe(segmentText(line))
    expect(statSync(output).mode & 0o777).toBe(0o600)
  })

  it('writes to the file that a link leads to', async () => {
    const { root, force } = await indexed()
    const elsewhere = join(temporaryDirectory(), 'file')
    const output = join(root, 'out')
    writeFileSync(elsewhere, 'old')
    symlinkSync(elsewhere, output)
    expect(await force('a', '--output', output)).toMatchObject({ code: 0, stderr: '' })
    expect(lstatSync(output).isSymbolicLink()).toBe(true)
    expect(readFileSync(elsewhere, 'utf8')).toBe(segmentText(line))
    expect(readdirSync(join(elsewhere, '..'))).toEqual(['file'])
    expect(readdirSync(root).sort()).toEqual(['.turnlog', 'a', 'b', 'out'])
  })

  it('refuses what is no file, and replaces nothing then', async () => {
    const { root, force } = await indexed()
    const output = join(root, 'out')
    mkdirSync(output)
    const pipe = join(output, 'pipe')
    execFileSync('mkfifo', [pipe])
    symlinkSync(pipe, join(output, 'to-pipe'))
    symlinkSync('nothing', join(output, 'to-nothing'))
    mkdirSync(join(output, 'b.ndjson'))
    writeFileSync(join(output, 'a.ndjson'), 'old')
    const before = readdirSync(output).sort()
    const cases: [args: string[], message: string][] = [
      [['a', '--output', pipe], 'it is a named pipe'],
      [['a', '--output', join(output, 'to-pipe')], 'it is a named pipe'],
      [['a', '--output', join(output, 'to-nothing')], 'it is a link that leads to nothing'],
      [['a', 'b', '--output', output], 'it is a directory'],
    ]
    for (const [args, message] of cases) {
      const { code, stderr } = await force(...args)
      expect({ args, code }).toEqual({ args, code: 1 })
      expect(stderr).toContain(`${message}\n`)
    }
    expect(readdirSync(output).sort()).toEqual(before)
    expect(lstatSync(pipe).isFIFO()).toBe(true)
    expect(lstatSync(join(output, 'to-pipe')).isSymbolicLink()).toBe(true)
    expect(readFileSync(join(output, 'a.ndjson'), 'utf8')).toBe('old')
  })
})
