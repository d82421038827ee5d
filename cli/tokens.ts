import { readFileSync } from 'node:fs'
import { isLoopback } from '../api/allowed-host.js'
import { systemErrorCode, TurnlogError } from '../src/errors.js'
import { SERVER_SETTINGS, type ServerSettings } from '../src/settings.js'

/**
 * The bearer tokens there are, from the setting and from the file.
 *
 * @throws TurnlogError SETTING_INVALID when the file is no good
 */
export function readTokens({ token, tokenFile }: ServerSettings): string[] {
  return tokenFile === undefined ? token : [...token, ...readTokenFile(tokenFile)]
}

function readTokenFile(path: string): string[] {
  const lines = readText(path)
    .split(/\r?\n/)
    .filter((line) => line.trim() !== '')
  const parsed = SERVER_SETTINGS.token.schema.safeParse(lines.join(','))
  if (parsed.success && parsed.data.length > 0) return parsed.data
  throw new TurnlogError('SETTING_INVALID', {
    message: `read the tokens in ${path}: it must hold tokens of 16 or more letters, digits and ~+/.-_, one a line`,
    hint: 'make one with `openssl rand -hex 32`',
  })
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (cause) {
    throw new TurnlogError('SETTING_INVALID', {
      message: `read the tokens in ${path}: ${systemErrorCode(cause) ?? String(cause)}`,
      hint: 'check --token-file or TURNLOG_TOKEN_FILE',
      cause,
    })
  }
}

/**
 * Refuses to listen beyond this machine for anybody, unless that is wanted.
 *
 * @returns whether anybody who reaches the port will be answered
 * @throws TurnlogError SETTING_INVALID
 */
export function isOpenToAll(
  { host, allowUnauthenticated }: ServerSettings,
  tokens: readonly string[],
): boolean {
  if (isLoopback(host) || tokens.length > 0) return false
  if (allowUnauthenticated) return true
  throw new TurnlogError('SETTING_INVALID', {
    message: `--host ${host} is reached from other machines, and no token is needed to read every run`,
    hint: 'set TURNLOG_TOKEN or --token-file, or say --allow-unauthenticated',
  })
}
