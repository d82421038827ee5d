import { appendFileSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { dirname, isAbsolute, join } from 'node:path'
import { systemErrorCode } from '../../src/errors.js'

/** This many lines are kept, and up to twice as many before the oldest go. */
const KEPT_LINES = 1_000

/** Where lines typed at the prompt are kept, by the rules of the XDG base directories. */
export function historyPath(environment: NodeJS.ProcessEnv = process.env): string {
  const given = environment['XDG_STATE_HOME'] ?? ''
  // One that is relative is to be ignored.
  const state = isAbsolute(given) ? given : join(homedir(), '.local', 'state')
  return join(state, 'turnlog', 'sql-history')
}

/**
 * The lines that were typed, the latest first; none where there is no file.
 *
 * @throws the file system's error where there is one that cannot be read
 */
export function readHistory(path: string): string[] {
  const lines = readLines(path)
  const kept = lines.slice(-KEPT_LINES)
  if (lines.length > 2 * KEPT_LINES) {
    const aside = `${path}.${process.pid}`
    writeFileSync(aside, `${kept.join('\n')}\n`, { mode: 0o600 })
    renameSync(aside, path)
  }
  return kept.reverse()
}

function readLines(path: string): string[] {
  try {
    return readFileSync(path, 'utf8')
      .split('\n')
      .filter((line) => line !== '')
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') return []
    throw error
  }
}

/**
 * Keeps a line, for this user alone.
 *
 * @throws the file system's error
 */
export function keepLine(path: string, line: string): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
  appendFileSync(path, `${line}\n`, { mode: 0o600 })
}
