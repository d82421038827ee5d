import { readdirSync, readlinkSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type Database from 'better-sqlite3'
import { describe, expect, it, onTestFinished } from 'vitest'
import { openSidecarForWriting } from '#src/sidecar/open-sidecar.js'
import { SidecarReader, type Snapshot } from '#src/sidecar/sidecar-reader.js'
import { temporaryDirectory } from '../support/temporary-directory.js'

/** A sidecar that names these agents, open for its writer. */
async function writerOf(path: string, ...agents: string[]): Promise<Database.Database> {
  const connection = await openSidecarForWriting(path)
  onTestFinished(() => {
    connection.close()
  })
  for (const agent of agents) add(connection, agent)
  return connection
}

function add(connection: Database.Database, agent: string): void {
  connection.prepare('INSERT INTO agent (name) VALUES (?)').run(agent)
}

function readerOf(path: string): SidecarReader {
  const reader = new SidecarReader(path)
  onTestFinished(() => reader.close())
  return reader
}

async function agents(snapshot: Snapshot): Promise<string[]> {
  const rows = await snapshot.selectFrom('agent').select('name').orderBy('id').execute()
  return rows.map(({ name }) => name)
}

/** How often this process has a file open that was deleted, or written over by rename. */
function deletedFilesOpen(path: string): number {
  return readdirSync('/proc/self/fd').filter((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`) === `${path} (deleted)`
    } catch {
      return false // the descriptor of this very listing
    }
  }).length
}

describe('SidecarReader', () => {
  it('reads what is committed, each time anew', async () => {
    const path = join(temporaryDirectory(), 'index.db')
    const writer = await writerOf(path, 'anna')
    const reader = readerOf(path)
    expect(await reader.read(agents)).toEqual(['anna'])
    add(writer, 'ben')
    expect(await reader.read(agents)).toEqual(['anna', 'ben'])
  })

  it('shows one read one state, whatever a writer commits meanwhile', async () => {
    const path = join(temporaryDirectory(), 'index.db')
    const writer = await writerOf(path, 'anna')
    const reader = readerOf(path)
    const seen = await reader.read(async (snapshot) => {
      const before = await agents(snapshot)
      add(writer, 'ben')
      return [before, await agents(snapshot)]
    })
    expect(seen).toEqual([['anna'], ['anna']])
    expect(await reader.read(agents)).toEqual(['anna', 'ben'])
  })

  it('gives several reads at once their answers', async () => {
    const path = join(temporaryDirectory(), 'index.db')
    await writerOf(path, 'anna')
    const reader = readerOf(path)
    const answers = await Promise.all(Array.from({ length: 20 }, () => reader.read(agents)))
    expect(answers).toEqual(Array.from({ length: 20 }, () => ['anna']))
  })

  it('goes over to a file renamed into place, while reads under way end on the old one', async () => {
    const path = join(temporaryDirectory(), 'index.db')
    ;(await writerOf(path, 'old')).close()
    const rebuilt = await openSidecarForWriting(`${path}.new`, 'bulk')
    add(rebuilt, 'new')
    rebuilt.close()
    const reader = readerOf(path)
    const seen = await reader.read(async (snapshot) => {
      renameSync(`${path}.new`, path)
      const meanwhile = await reader.read(agents)
      return { meanwhile, here: await agents(snapshot) }
    })
    expect(seen).toEqual({ meanwhile: ['new'], here: ['old'] })
    expect(await reader.read(agents)).toEqual(['new'])
  })

  it('tells one file from another', async () => {
    const path = join(temporaryDirectory(), 'index.db')
    const writer = await writerOf(path, 'anna')
    ;(await writerOf(`${path}.new`, 'ben')).close()
    const reader = readerOf(path)
    const readFile = (): Promise<symbol> => reader.read(({ openFile }) => Promise.resolve(openFile))
    const file = await readFile()
    add(writer, 'carl')
    expect(await readFile()).toBe(file)
    renameSync(`${path}.new`, path)
    expect(await readFile()).not.toBe(file)
  })

  it.runIf(process.platform === 'linux')('lets go of a replaced file', async () => {
    const path = join(temporaryDirectory(), 'index.db')
    ;(await writerOf(path, 'old')).close()
    ;(await writerOf(`${path}.new`, 'new')).close()
    const reader = readerOf(path)
    await reader.read(async (snapshot) => {
      await agents(snapshot)
      renameSync(`${path}.new`, path)
      await reader.read(agents)
      expect(deletedFilesOpen(path)).toBeGreaterThan(0)
    })
    await reader.close()
    expect(deletedFilesOpen(path)).toBe(0)
  })

  it('says so when there is no file, and reads it once there is', async () => {
    const path = join(temporaryDirectory(), 'index.db')
    const reader = readerOf(path)
    await expect(reader.read(agents)).rejects.toMatchObject({ code: 'SIDECAR_NOT_FOUND' })
    await writerOf(path, 'anna')
    expect(await reader.read(agents)).toEqual(['anna'])
  })

  it('says so when the file was deleted, and reads the next one', async () => {
    const directory = temporaryDirectory()
    const path = join(directory, 'run', 'index.db')
    ;(await writerOf(path, 'anna')).close()
    const reader = readerOf(path)
    expect(await reader.read(agents)).toEqual(['anna'])
    rmSync(join(directory, 'run'), { recursive: true })
    await expect(reader.read(agents)).rejects.toMatchObject({ code: 'SIDECAR_NOT_FOUND' })
    await writerOf(path, 'ben')
    expect(await reader.read(agents)).toEqual(['ben'])
  })

  it('passes on what a read throws, and can be read again', async () => {
    const path = join(temporaryDirectory(), 'index.db')
    await writerOf(path, 'anna')
    const reader = readerOf(path)
    const failing = reader.read(() => Promise.reject(new Error('no use')))
    await expect(failing).rejects.toThrow('no use')
    expect(await reader.read(agents)).toEqual(['anna'])
  })

  it('closes when the reads under way have ended, and opens again', async () => {
    const path = join(temporaryDirectory(), 'index.db')
    await writerOf(path, 'anna')
    const reader = readerOf(path)
    const order: string[] = []
    const read = reader.read(async (snapshot) => {
      const closed = reader.close().then(() => order.push('closed'))
      await agents(snapshot)
      await agents(snapshot)
      order.push('read')
      return { closed }
    })
    await (
      await read
    ).closed
    expect(order).toEqual(['read', 'closed'])
    expect(await reader.read(agents)).toEqual(['anna'])
  })

  it('may be closed before anything was read, and twice', async () => {
    const reader = readerOf(join(temporaryDirectory(), 'index.db'))
    await reader.close()
    await reader.close()
  })
})
