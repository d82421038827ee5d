import { Command } from 'commander'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { addSettings, readSettings } from '#cli/read-settings.js'
import { defaultServerSettings, SERVER_SETTINGS, type ServerSettings } from '#src/settings.js'
import { runCli } from '../support/run-cli.js'

function read(args: readonly string[], environment: NodeJS.ProcessEnv = {}): ServerSettings {
  const command = addSettings(new Command('serve').exitOverride(), SERVER_SETTINGS)
  command.parse(args, { from: 'user' })
  return readSettings(command, SERVER_SETTINGS, environment)
}

describe('readSettings', () => {
  it('takes the flag before the environment, and that before the default', () => {
    expect(read([]).port).toBe(8000)
    expect(read([], { TURNLOG_PORT: '9000' }).port).toBe(9000)
    expect(read(['--port', '9001'], { TURNLOG_PORT: '9000' }).port).toBe(9001)
    expect(read(['--port', '8000'], { TURNLOG_PORT: '9000' }).port).toBe(8000)
  })

  it('takes switches either way', () => {
    expect(read([]).follow).toBe(true)
    expect(read([], { TURNLOG_FOLLOW: 'false' }).follow).toBe(false)
    expect(read(['--no-follow'], { TURNLOG_FOLLOW: 'true' }).follow).toBe(false)
    expect(read(['--no-search'])).toMatchObject({ follow: true, search: false })
    expect(read([], { TURNLOG_SEARCH: 'false' }).search).toBe(false)
  })

  it('takes an empty variable for one that is not set', () => {
    expect(read([], { TURNLOG_PORT: '', TURNLOG_FOLLOW: '' })).toEqual(read([]))
  })

  it('names every flag and variable that is wrong', () => {
    const wrong = (): unknown =>
      read(['--port', '65536', '--host', ''], { TURNLOG_FOLLOW: 'no', TURNLOG_PORT: 'unread' })
    expect(wrong).toThrow(
      expect.objectContaining({
        code: 'SETTING_INVALID',
        message:
          '--host must not be empty; --port must be a whole number from 0 to 65535; TURNLOG_FOLLOW must be true or false',
      }),
    )
  })

  it.each(['-1', '1.5', '1e3', ' 1', '0x10', '65536', '9'.repeat(30), 'http', '１'])(
    'takes %j for no port',
    (port) => {
      expect(() => read([], { TURNLOG_PORT: port })).toThrow('TURNLOG_PORT must be a whole number')
    },
  )
})

describe('settings', () => {
  it('are what they stand for', () => {
    const given = read(
      ['--allow-unauthenticated', '--cors-origins', ' local, https://example.org:8443'],
      {
        TURNLOG_ALLOWED_HOSTS: 'Turnlog.example,[::1],192.0.2.1,',
        TURNLOG_TOKEN: 'first-token-of-two,second-token-of-two=',
        TURNLOG_REQUEST_TIMEOUT: '3600',
      },
    )
    expect(given).toMatchObject({
      allowUnauthenticated: true,
      allowedHosts: ['turnlog.example', '[::1]', '192.0.2.1'],
      corsOrigins: ['local', 'https://example.org:8443'],
      token: ['first-token-of-two', 'second-token-of-two='],
      requestTimeout: 3600,
    })
  })

  it('ask for nothing and open nothing unless told otherwise', () => {
    expect(read([])).toEqual(defaultServerSettings())
    expect(read([])).toMatchObject({
      host: '127.0.0.1',
      token: [],
      allowUnauthenticated: false,
      allowedHosts: [],
      corsOrigins: ['local'],
      rateLimit: 0,
    })
    expect(read([]).tokenFile).toBeUndefined()
  })

  it.each([
    [
      'TURNLOG_CORS_ORIGINS',
      ['example.org', 'https://example.org/', 'https://example.org/x', 'local,x', 'null'],
    ],
    ['TURNLOG_ALLOWED_HOSTS', ['example.org:80', 'http://example.org', '*', '::1', 'a b']],
    [
      'TURNLOG_TOKEN',
      [
        'short',
        'a token with blanks in it',
        'tokens-of-enough-length,short',
        'ünïcödé-of-enough-length',
      ],
    ],
    ['TURNLOG_ALLOW_UNAUTHENTICATED', ['1', 'yes', 'TRUE']],
    ['TURNLOG_RATE_LIMIT', ['-1', '1000001', '1.5']],
    ['TURNLOG_MAX_URL_BYTES', ['1023', '1048577']],
    ['TURNLOG_HEADERS_TIMEOUT', ['0', '3601', '10s']],
    ['TURNLOG_REQUEST_TIMEOUT', ['0', '3601']],
    ['TURNLOG_KEEP_ALIVE_TIMEOUT', ['0', '3601']],
    ['TURNLOG_STALL_TIMEOUT', ['0', '3601']],
    ['TURNLOG_SHUTDOWN_TIMEOUT', ['0', '3601']],
    ['TURNLOG_LOG_LEVEL', ['debug', 'INFO']],
  ])('refuse what is none: %s', (variable, values) => {
    for (const value of values) {
      const reading = (): unknown => read([], { [variable]: value })
      expect(reading, value).toThrow(expect.objectContaining({ code: 'SETTING_INVALID' }) as Error)
      expect(reading, value).toThrow(new RegExp(`^${variable} must be `))
    }
  })

  it('keep tokens out of what is said of them', () => {
    expect(() => read([], { TURNLOG_TOKEN: 'a secret with blanks' })).not.toThrow(/secret/)
  })
})

describe('turnlog with settings from the environment', () => {
  afterEach(() => {
    vi.unstubAllEnvs()
  })

  it('ends with wrong usage where one is wrong', async () => {
    vi.stubEnv('TURNLOG_PORT', 'http')
    const { code, stderr, stdout } = await runCli('serve')
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toMatch(/^turnlog: TURNLOG_PORT must be a whole number from 0 to 65535\n/)
  })

  it('looks for the runs where they say', async () => {
    vi.stubEnv('TURNLOG_ROOT', 'no-such-root')
    const { code, stderr } = await runCli('verify')
    expect(code).toBe(1)
    expect(stderr).toContain('no-such-root')
  })

  it('shows each of them in the help', async () => {
    const { stdout } = await runCli('serve', '--help')
    for (const { flag, environment } of Object.values(SERVER_SETTINGS)) {
      expect(stdout).toContain(flag)
      expect(stdout.replaceAll(/\s+/g, ' ')).toContain(environment)
    }
  })
})
