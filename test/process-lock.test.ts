import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { describe, expect, it, onTestFinished } from 'vitest'
import { ProcessLock } from '#src/process-lock.js'
import { temporaryDirectory } from './support/temporary-directory.js'

const MODULE = import.meta.resolve('#src/process-lock.js')

/** Takes a lock which is given back when the test is over. */
function acquire(path: string, waitMs?: number): ProcessLock | undefined {
  const lock = ProcessLock.tryAcquire(path, waitMs)
  onTestFinished(() => lock?.release())
  return lock
}

/** Another process that holds the lock for as long as it lives. */
async function holderProcess(path: string) {
  const script = `
    const { ProcessLock } = await import(process.argv[1])
    globalThis.lock = ProcessLock.tryAcquire(process.argv[2])
    process.stdout.write(lock === undefined ? 'refused' : 'held')
    setInterval(() => {}, 1000)`
  const child = spawn(process.execPath, ['--input-type=module', '--eval', script, MODULE, path])
  onTestFinished(() => {
    child.kill('SIGKILL')
  })
  const answer = String(await once(child.stdout, 'data'))
  return { child, answer }
}

/** Another thread that holds the lock until it is told to let go. */
async function holderThread(path: string) {
  const shared = new Int32Array(new SharedArrayBuffer(4))
  const worker = new Worker(
    `const { parentPort, workerData } = require('node:worker_threads')
    import(workerData.module).then(({ ProcessLock }) => {
      const lock = ProcessLock.tryAcquire(workerData.path)
      parentPort.postMessage(lock === undefined ? 'refused' : 'held')
      Atomics.wait(workerData.shared, 0, 0)
      lock?.release()
    })`,
    { eval: true, workerData: { module: MODULE, path, shared } },
  )
  onTestFinished(async () => {
    await worker.terminate()
  })
  const answer = String(await once(worker, 'message'))
  return {
    answer,
    letGo: () => {
      Atomics.store(shared, 0, 1)
      Atomics.notify(shared, 0)
    },
  }
}

describe('ProcessLock', () => {
  it('makes its directory', () => {
    expect(acquire(join(temporaryDirectory(), 'a', 'b', 'lock'))).toBeDefined()
  })

  it('is held once within a process, until it is released', () => {
    const path = join(temporaryDirectory(), 'lock')
    const first = acquire(path)
    expect(first).toBeDefined()
    expect(acquire(path)).toBeUndefined()
    first?.release()
    first?.release()
    expect(acquire(path)).toBeDefined()
  })

  it('is one of several: other paths are other locks', () => {
    const directory = temporaryDirectory()
    expect(acquire(join(directory, 'a'))).toBeDefined()
    expect(acquire(join(directory, 'b'))).toBeDefined()
  })

  it('is held against another thread, and by one', async () => {
    const path = join(temporaryDirectory(), 'lock')
    const lock = acquire(path)
    expect(await holderThread(path)).toMatchObject({ answer: 'refused' })
    lock?.release()
    const holder = await holderThread(path)
    expect(holder.answer).toBe('held')
    expect(acquire(path)).toBeUndefined()
  })

  it('is had as soon as its holder lets go, by who waits', async () => {
    const path = join(temporaryDirectory(), 'lock')
    const holder = await holderThread(path)
    holder.letGo()
    expect(acquire(path, 30_000)).toBeDefined()
  })

  it('is held against another process', async () => {
    const path = join(temporaryDirectory(), 'lock')
    acquire(path)
    expect(await holderProcess(path)).toMatchObject({ answer: 'refused' })
  })

  it('is free again when the process that held it was killed', async () => {
    const path = join(temporaryDirectory(), 'lock')
    const { child, answer } = await holderProcess(path)
    expect(answer).toBe('held')
    expect(acquire(path)).toBeUndefined()
    child.kill('SIGKILL')
    await once(child, 'exit')
    expect(acquire(path)).toBeDefined()
  })

  it('throws where the file cannot be made, and where it is something else', () => {
    const file = join(temporaryDirectory(), 'file')
    writeFileSync(file, 'this is no database, but long enough to be one'.repeat(20))
    expect(() => acquire(join(file, 'lock'))).toThrow(
      expect.objectContaining({ code: expect.stringMatching(/^E(NOTDIR|EXIST)$/) as string }),
    )
    expect(() => acquire(file)).toThrow(expect.objectContaining({ code: 'SQLITE_NOTADB' }))
  })
})
