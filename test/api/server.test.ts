import { EventEmitter, once } from 'node:events'
import { Agent, Server, ServerResponse } from 'node:http'
import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { afterEach, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { problemSchema } from '#api/problem.js'
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

  it('cuts off, when it is closed, what takes longer than it may', async () => {
    const requests = new EventEmitter()
    const server = await startServer(() => requests.emit('one'), { ...LOCAL, shutdownTimeout: 1 })
    const arrived = once(requests, 'one')
    const cut = expect(ask(server.url, '/')).rejects.toMatchObject({ code: 'ECONNRESET' })
    await arrived
    await server.close()
    await cut
  })

  it('puts nothing into an answer under way when what follows is no request', async () => {
    const responses: ServerResponse[] = []
    const arrived = new EventEmitter()
    const server = await startServer((_request, response) => {
      responses.push(response)
      response.writeHead(200, { 'Content-Length': 10 }).write('hello')
      arrived.emit('one')
    }, LOCAL)
    open.push(server)
    const socket = connect(Number(new URL(server.url).port), '127.0.0.1')
    const received = text(socket)
    const first = once(arrived, 'one')
    socket.write('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n')
    await first
    socket.write('this is no request\r\n\r\n')
    await once(socket, 'close')
    expect(await received).toMatch(/\r\n\r\nhello$/)
    expect(responses).toHaveLength(1)
  })

  it.each([
    ['no words at all', '\0\r\n\r\n', 400],
    ['a method there is none of', 'FETCH / HTTP/1.1\r\n\r\n', 400],
    ['two lengths', 'GET / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n', 400],
    ['headers without end', `GET / HTTP/1.1\r\nX: ${'x'.repeat(600_000)}`, 431],
  ])('refuses %s in the words of the API', async (_name, bytes, status) => {
    // It never answers: whatever comes back is the server's own.
    const server = await startServer(() => undefined, LOCAL)
    open.push(server)
    const socket = connect(Number(new URL(server.url).port), '127.0.0.1')
    const received: Buffer[] = []
    socket.on('data', (chunk: Buffer) => received.push(chunk)).on('error', () => undefined)
    socket.write(bytes)
    await once(socket, 'close')
    const answer = Buffer.concat(received).toString()
    expect(answer).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `))
    expect(problemSchema.parse(JSON.parse(answer.split('\r\n\r\n')[1] ?? ''))).toMatchObject({
      status,
    })
  })

  it('does not wait for clients that keep their connection', async () => {
    const server = await startServer((_request, response) => response.end('hello'), LOCAL)
    const response = await fetch(server.url)
    expect(await response.text()).toBe('hello')
    await server.close()
  })
})
