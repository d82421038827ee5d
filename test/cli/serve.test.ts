import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { request } from 'node:http'
import { connect } from 'node:net'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { ask } from '../support/api-client.js'
import { runCli, startCli } from '../support/run-cli.js'
import { temporaryDirectory } from '../support/temporary-directory.js'

const FIXTURE = fileURLToPath(new URL('../fixtures/llm-sim', import.meta.url))
const LISTENING = /^listening on (\S+)$/m

function location(): string[] {
  return ['--root', FIXTURE, '--db', join(temporaryDirectory(), 'index.db'), '--port', '0']
}

describe('turnlog serve', () => {
  it.each(['0.0.0.0', '::', '192.0.2.1'])('does not listen on %s for anybody', async (host) => {
    const { code, stdout, stderr } = await runCli('serve', ...location(), '--host', host)
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toBe(
      `turnlog: --host ${host} is reached from other machines, and no token is needed to read every run\n` +
        '  set TURNLOG_TOKEN or --token-file, or say --allow-unauthenticated\n',
    )
  })

  it('listens for anybody when it is told to', async () => {
    const flags = ['--host', '0.0.0.0', '--allow-unauthenticated']
    const serving = startCli('serve', ...location(), ...flags)
    const [, url = ''] = await serving.output(LISTENING)
    expect((await ask(url.replace('0.0.0.0', '127.0.0.1'), '/health')).status).toBe(200)
    expect(await serving.stop()).toBe(0)
    expect(serving.printedErrors()).toContain(
      'turnlog: whoever reaches 0.0.0.0 reads every run: there is no token\n',
    )
  })

  it('asks for the tokens of its file', async () => {
    const file = join(temporaryDirectory(), 'tokens')
    writeFileSync(file, 'first-token-of-two\r\n\nsecond-token-of-two\n')
    const serving = startCli('serve', ...location(), '--host', '0.0.0.0', '--token-file', file)
    const [, listening = ''] = await serving.output(LISTENING)
    const url = listening.replace('0.0.0.0', '127.0.0.1')
    expect((await ask(url, '/health')).status).toBe(401)
    for (const token of ['first-token-of-two', 'second-token-of-two']) {
      const headers = { Authorization: `Bearer ${token}` }
      expect((await ask(url, '/health', 'GET', false, headers)).status).toBe(200)
    }
    expect(await serving.stop()).toBe(0)
    expect(serving.printedErrors()).toBe('')
  })

  it.each([
    ['is not there', undefined],
    ['holds none', '\n\n'],
    ['holds a short one', 'short\n'],
    ['holds one with a blank in it', 'first-token of-two\n'],
  ])('ends with wrong usage when the file of tokens %s', async (_name, content) => {
    const file = join(temporaryDirectory(), 'tokens')
    if (content !== undefined) writeFileSync(file, content)
    const { code, stderr } = await runCli('serve', ...location(), '--token-file', file)
    expect(code).toBe(2)
    expect(stderr).toContain(`turnlog: read the tokens in ${file}: `)
    expect(stderr).not.toContain('first-token')
  })

  it('logs requests to standard error where it is asked to', async () => {
    const serving = startCli('serve', ...location(), '--log-level', 'info')
    const [, url = ''] = await serving.output(LISTENING)
    await ask(url, '/simulations')
    expect(await serving.stop()).toBe(0)
    const [line = '', ...others] = serving.printedErrors().trim().split('\n')
    expect(others).toEqual([])
    expect(JSON.parse(line)).toMatchObject({ method: 'GET', url: '/simulations', status: 200 })
  })

  it.each(['SIGTERM', 'SIGINT'] as const)(
    'on %s answers what is under way, then ends',
    async (signal) => {
      const serving = startCli('serve', ...location())
      const [, url = ''] = await serving.output(LISTENING)
      // Its headers are half sent: the request is under way.
      const slow = connect(Number(new URL(url).port), '127.0.0.1')
      await once(slow, 'connect')
      let answer = ''
      slow.setEncoding('utf8').on('data', (chunk: string) => {
        answer += chunk
      })
      slow.write('GET /simulations HTTP/1.1\r\nHost: localhost\r\n')
      await ask(url, '/health')
      serving.child.kill(signal)
      await refusedBy(url)
      slow.write('\r\n')
      await once(slow, 'close')
      expect(answer).toMatch(/^HTTP\/1\.1 200 OK\r\n/)
      expect(await serving.exited()).toBe(0)
    },
  )

  it('on SIGTERM does not wait for ever', async () => {
    const serving = startCli('serve', ...location(), '--shutdown-timeout', '1')
    const [, url = ''] = await serving.output(LISTENING)
    const slow = connect(Number(new URL(url).port), '127.0.0.1')
    await once(slow, 'connect')
    slow.on('error', () => undefined).write('GET /simulations HTTP/1.1\r\nHost: localhost\r\n')
    await ask(url, '/health')
    const cut = once(slow, 'close')
    expect(await serving.stop()).toBe(0)
    await cut
  })
})

/** Waits until a server takes no more connections. */
async function refusedBy(url: string): Promise<void> {
  for (;;) {
    const refused = await new Promise<boolean>((resolve) => {
      request(url, { agent: false }, (response) => {
        response.resume()
        resolve(false)
      })
        .on('error', () => {
          resolve(true)
        })
        .end()
    })
    if (refused) return
  }
}
