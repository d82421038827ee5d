import { Command } from 'commander'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { addSettings, readSettings } from '#cli/read-settings.js'
import { SERVER_SETTINGS, type ServerSettings } from '#src/settings.js'
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
