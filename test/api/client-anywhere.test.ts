import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import ts from 'typescript'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import type { RunningServer } from '#api/server.js'
import { serve } from '../support/api-client.js'
import { eventLine, IndexedRoot } from '../support/indexed-root.js'
import { begin, ScriptedServer } from '../support/scripted-server.js'
import { temporaryDirectory } from '../support/temporary-directory.js'
import { WebContext } from '../support/web-context.js'

const BUILT = fileURLToPath(new URL('../../dist/api/client/', import.meta.url))

let indexed: IndexedRoot
let server: RunningServer

beforeAll(async () => {
  indexed = await IndexedRoot.ofFixture()
  server = await serve(indexed.reader)
})
afterAll(async () => {
  await server.close()
  await indexed.close()
})

describe('the client as it is built', () => {
  it('is what turnlog/client stands for', () => {
    const { exports } = z
      .object({ exports: z.object({ './client': z.record(z.string(), z.string()) }) })
      .parse(JSON.parse(readFileSync('package.json', 'utf8')))
    const { types, default: script } = exports['./client']
    expect(types).toBe(script?.replace(/\.js$/, '.d.ts'))
    for (const file of [types, script])
      expect(readFileSync(file ?? '', 'utf8')).toContain('TurnlogClient')
    expect(import.meta.resolve('turnlog/client')).toBe(pathToFileURL(join(BUILT, 'index.js')).href)
  })

  it('imports itself, and nothing of the server, of Node or of any package', () => {
    const imported = readdirSync(BUILT)
      .filter((name) => name.endsWith('.js'))
      .flatMap((name) => ts.preProcessFile(readFileSync(join(BUILT, name), 'utf8')).importedFiles)
      .map(({ fileName }) => fileName)
    expect(imported.length).toBeGreaterThan(5)
    expect(imported.filter((name) => !/^\.\/[a-z-]+\.js$/.test(name))).toEqual([])
  })

  it('works where there is only what browsers have', async () => {
    const context = new WebContext()
    const client = context.load(join(BUILT, 'index.js'))
    const line = eventLine({ id: 'followed' })
    const live = await ScriptedServer.start(
      begin('text/event-stream', `retry: 1\n\nid: 1\nevent: event\ndata: ${line}\n\n`, 'cut'),
      begin('text/event-stream', `id: 2\nevent: event\ndata: ${line}\n\n`, 'silence'),
    )
    const script = `
      if (typeof process + typeof Buffer + typeof require !== 'undefinedundefinedundefined') {
        throw new Error('there is something of Node')
      }
      const client = new TurnlogClient({ baseUrl })
      const { simulations } = await client.listSimulations()
      let events = 0
      for await (const event of client.events('solo', { limit: 10 })) events++
      const refused = await client.getSimulation('nothing').catch((error) => error)
      const followed = []
      for await (const { id } of new TurnlogClient({ baseUrl: liveUrl }).follow('run')) {
        followed.push(id)
        if (followed.length === 2) break
      }
      return JSON.stringify([simulations.length, events, refused.code, followed])
    `
    const given = { baseUrl: server.url, liveUrl: live.url }
    expect(await context.run(script, client, given)).toBe('[2,41,"NOT_FOUND",["1","2"]]')
  })

  it('has types that need nothing of Node', () => {
    const file = join(temporaryDirectory(), 'page.ts')
    const library = JSON.stringify(join(BUILT, 'index.js'))
    writeFileSync(
      file,
      `import { TurnlogClient } from ${library}
      const client = new TurnlogClient({ baseUrl: location.href, fetch: window.fetch })
      for await (const { id, event } of client.follow('run', { event_types: ['ACTION'] })) {
        document.title = id + event.event_id + event.turn_number.toFixed()
      }
      const { total, events: [first] } = await client.listEvents('run', { fields: ['agent_id'] })
      // @ts-expect-error it may have been left out
      first.event_id.length
      // @ts-expect-error no such filter
      await client.listEvents('run', { agent_id: 'alice' })
      document.title += total`,
    )
    const program = ts.createProgram([file], {
      target: ts.ScriptTarget.ES2022,
      module: ts.ModuleKind.ESNext,
      moduleResolution: ts.ModuleResolutionKind.Bundler,
      lib: [
        'lib.es2022.d.ts',
        'lib.dom.d.ts',
        'lib.dom.iterable.d.ts',
        'lib.dom.asynciterable.d.ts',
      ],
      types: [],
      strict: true,
      skipLibCheck: true,
      preserveSymlinks: true,
      noEmit: true,
    })
    const problems = ts.getPreEmitDiagnostics(program)
    expect(
      problems.map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, ' ')),
    ).toEqual([])
  })
})
