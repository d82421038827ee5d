import { EventEmitter, once } from 'node:events'
import { Agent, Server, ServerResponse } from 'node:http'
import { afterEach, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { type RunningServer, startServer } from '#api/server.js'
import { ask, TEST_SETTINGS } from '../support/api-client.js'

const open: RunningServer[] = []
afterEach(async () => {
  await Promise.all(open.splice(0).map((server) => server.close()))
})

const LOCAL = TEST_SETTINGS

describe('startServer', () => {
  it('listens on a free port, and tells where', async () => {
    const server = await startServer((_request, response) => response.end('hello'), LOCAL)
    open.push(server)
    expect(server.url).toMatch(/^http:\/\/127\.0\.0\.1:[1-9]\d*$/)
    expect(await ask(server.url, '/')).toMatchObject({ status: 200, text: 'hello' })
  })

  it.each([
    ['a port that is taken', 'the port is in use', '127.0.0.1'],
    ['an address of another machine', 'this machine does not have that address', '192.0.2.1'],
    ['a host there is none of', 'the host is not known', 'nowhere.invalid'],
  ])('refuses %s, and says why', async (_name, why, host) => {
    const taken = await startServer((_request, response) => response.end(), LOCAL)
    open.push(taken)
    const port = Number(new URL(taken.url).port)
    const again = startServer((_request, response) => response.end(), { ...LOCAL, host, port })
    await expect(again).rejects.toMatchObject({
      code: 'PORT_UNAVAILABLE',
      message: `listen on ${host}:${port}: ${why}`,
      hint: 'give another --port (0 takes a free one) or --host',
    })
  })

  it('waits, when it is closed, for the requests under way, and takes no more', async () => {
    const requests = new EventEmitter()
    const server = await startServer(function (this: unknown, _request, response) {
      // Else a connection that is kept would end by itself, only later.
      if (this instanceof Server) this.keepAliveTimeout = 0
      requests.emit('one', response)
    }, LOCAL)
    const arrived = once(requests, 'one')
    const agent = new Agent({ keepAlive: true })
    const answer = ask(server.url, '/', 'GET', agent)
    const [response] = z.tuple([z.instanceof(ServerResponse)]).parse(await arrived)

    let closed = false
    const closing = server.close().then(() => {
      closed = true
    })
    await expect(ask(server.url, '/')).rejects.toMatchObject({ code: 'ECONNREFUSED' })
    expect(closed).toBe(false)
    response.end('late')
    expect(await answer).toMatchObject({ text: 'late' })
    await closing
    agent.destroy()
  })

  it('does not wait for clients that keep their connection', async () => {
    const server = await startServer((_request, response) => response.end('hello'), LOCAL)
    const response = await fetch(server.url)
    expect(await response.text()).toBe('hello')
    await server.close()
  })
})
