import { once } from 'node:events'
import {
  appendFileSync,
  chmodSync,
  mkdirSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { createServer } from 'node:net'
import { dirname, join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { describe, expect, it, onTestFinished } from 'vitest'
import { TurnlogError } from '#src/errors.js'
import { discoverSegments, listSegments } from '#src/segment/discovery.js'
import { temporaryDirectory } from '../support/temporary-directory.js'
import { runUnprivileged } from '../support/unprivileged.js'

/** A root with these files, which hold their own paths. */
function rootWith(...files: string[]): string {
  const root = temporaryDirectory()
  for (const file of files) {
    mkdirSync(dirname(join(root, file)), { recursive: true })
    writeFileSync(join(root, file), file)
  }
  return root
}

/** Every segment found, as `run/name`. */
function found(root: string): string[] {
  return discoverSegments(root).simulations.flatMap(({ id, segments }) =>
    segments.map(({ name }) => `${id}/${name}`),
  )
}

describe('discoverSegments', () => {
  it('lists runs by id and their segments in reading order', () => {
    const root = rootWith(
      'b/events.jsonl',
      'b/events_2025-10-04_14-23-46.jsonl',
      'b/events_2025-10-04_14-23-45_0001.jsonl',
      'b/events_2025-10-04_14-23-45.jsonl',
      'a/events.jsonl',
      'B/events_2025-10-04_14-23-45.jsonl',
    )
    expect(found(root)).toEqual([
      'B/events_2025-10-04_14-23-45.jsonl',
      'a/events.jsonl',
      'b/events_2025-10-04_14-23-45.jsonl',
      'b/events_2025-10-04_14-23-45_0001.jsonl',
      'b/events_2025-10-04_14-23-46.jsonl',
      'b/events.jsonl',
    ])
  })

  it('says of each segment where it is and what the file system knows of it', () => {
    const root = rootWith('a/events.jsonl')
    const path = join(root, 'a', 'events.jsonl')
    const { size, dev: device, ino: inode, mtimeMs: modifiedMs } = statSync(path)
    expect(discoverSegments(root)).toEqual({
      simulations: [
        {
          id: 'a',
          segments: [{ name: 'events.jsonl', path, size, device, inode, modifiedMs }],
        },
      ],
      problems: [],
    })
    expect(size).toBe('a/events.jsonl'.length)
  })

  it.each([
    'two words',
    '[x]',
    '{a,b}',
    '*',
    '**',
    '?',
    '!neg',
    '(a|b)',
    '+(y)',
    '@(z)',
    'back\\slash',
    '.\\slash',
    '\\*',
    'größe 市場 😀',
    '.hidden',
    '...',
    '.turnlog2',
    '#hash',
    '$HOME',
    '~',
    '-n',
    "it's",
    '"quoted"',
    'new\nline',
    'constructor',
    'events.jsonl',
    'x'.repeat(255),
  ])('finds a run called %j, and nothing else', (id) => {
    const root = rootWith(`${id}/events.jsonl`, `${id}/events_1.jsonl`, 'other/events.jsonl')
    const expected = [`${id}/events_1.jsonl`, `${id}/events.jsonl`, 'other/events.jsonl']
    expect(found(root).sort()).toEqual(expected.sort())
    const paths = discoverSegments(root).simulations.flatMap(({ segments }) => segments)
    expect(paths.map(({ path }) => statSync(path).size)).toEqual(paths.map(({ size }) => size))
  })

  it('passes over everything that is no segment of a run', () => {
    const root = rootWith(
      'events.jsonl',
      '.turnlog/events.jsonl',
      'a/deeper/events.jsonl',
      'a/events.txt',
      'a/my-events.jsonl',
      'b/events.jsonl',
      'b/deeper/events.jsonl',
      'b/events_x.jsonl/not-a-file',
    )
    mkdirSync(join(root, 'empty'))
    expect(discoverSegments(root)).toMatchObject({
      simulations: [{ id: 'b', segments: [{ name: 'events.jsonl' }] }],
      problems: [],
    })
  })

  it('passes over a socket that is called like a segment', async () => {
    const root = rootWith('a/events.jsonl')
    const server = createServer().listen(join(root, 'a', 'events_socket.jsonl'))
    onTestFinished(() => {
      server.close()
    })
    await once(server, 'listening')
    expect(found(root)).toEqual(['a/events.jsonl'])
  })

  it('finds nothing in an empty root', () => {
    expect(discoverSegments(temporaryDirectory())).toEqual({ simulations: [], problems: [] })
  })

  it('takes a relative root, and one with a slash behind it', () => {
    const root = rootWith('a/events.jsonl')
    expect(found(`${root}/`)).toEqual(['a/events.jsonl'])
    expect(found(join(root, '..', root.slice(dirname(root).length), '.'))).toEqual([
      'a/events.jsonl',
    ])
  })

  it('follows links: to a root, to a run, to a segment', () => {
    const root = rootWith('a/events.jsonl', 'b/events.jsonl')
    symlinkSync('a', join(root, 'linked'))
    symlinkSync('../a/events.jsonl', join(root, 'b', 'events_linked.jsonl'))
    const link = join(temporaryDirectory(), 'root')
    symlinkSync(root, link)
    const expected = ['a/events.jsonl', 'b/events_linked.jsonl', 'b/events.jsonl']
    expect(found(link)).toEqual([...expected, 'linked/events.jsonl'])
    const [original, viaLink] = [listSegments(link, 'a'), listSegments(link, 'linked')]
    expect(viaLink.map(({ inode }) => inode)).toEqual(original.map(({ inode }) => inode))
    expect(viaLink.map(({ path }) => realpathSync(path))).toEqual(
      original.map(({ path }) => realpathSync(path)),
    )
  })

  it('is not led astray by links that lead nowhere or in circles', () => {
    const root = rootWith('a/events.jsonl')
    symlinkSync('nowhere', join(root, 'dangling'))
    symlinkSync('circle', join(root, 'circle'))
    symlinkSync('..', join(root, 'a', 'up'))
    symlinkSync('nowhere', join(root, 'a', 'events_dangling.jsonl'))
    symlinkSync('events_circle.jsonl', join(root, 'a', 'events_circle.jsonl'))
    symlinkSync('events.jsonl/x', join(root, 'a', 'events_through_a_file.jsonl'))
    expect(discoverSegments(root)).toMatchObject({
      simulations: [{ id: 'a', segments: [{ name: 'events.jsonl' }] }],
      problems: [],
    })
  })

  it('reports a run whose name is not UTF-8, and finds the others', () => {
    const root = rootWith('a/events.jsonl', 'b/events.jsonl')
    const name = Buffer.from([0x66, 0xff])
    renameSync(join(root, 'b'), Buffer.concat([Buffer.from(`${root}/`), name]))
    expect(discoverSegments(root)).toMatchObject({
      simulations: [{ id: 'a' }],
      problems: [{ path: join(root, 'f\ufffd'), message: 'its name is not valid UTF-8' }],
    })
  })

  it('reports a run that cannot be read, and finds the others', () => {
    const root = rootWith('closed/events.jsonl', 'no-entry/events.jsonl', 'open/events.jsonl')
    chmodSync(root, 0o755)
    chmodSync(join(root, 'closed'), 0)
    chmodSync(join(root, 'no-entry'), 0o644)
    onTestFinished(() => {
      chmodSync(join(root, 'closed'), 0o755)
      chmodSync(join(root, 'no-entry'), 0o755)
    })
    const answer = runUnprivileged(
      { discovery: '#src/segment/discovery.js' },
      'process.stdout.write(JSON.stringify(discovery.discoverSegments(argument)))',
      root,
    )
    expect(JSON.parse(answer)).toMatchObject({
      simulations: [{ id: 'open' }],
      problems: [
        { path: join(root, 'closed'), message: 'cannot be read (EACCES)' },
        { path: join(root, 'no-entry'), message: 'cannot be read (EACCES)' },
      ],
    })
  })

  it('refuses a root that does not exist', () => {
    const root = join(temporaryDirectory(), 'missing')
    expect(refusal(root)).toMatchObject({
      code: 'ROOT_NOT_FOUND',
      message: `read the output root ${root}: it does not exist`,
    })
  })

  it('refuses a root that is a file', () => {
    const root = join(rootWith('file'), 'file')
    expect(refusal(root)).toMatchObject({
      code: 'ROOT_NOT_FOUND',
      message: `read the output root ${root}: it is not a directory`,
    })
  })

  it('refuses a root that cannot be read', () => {
    const root = rootWith('a/events.jsonl')
    chmodSync(root, 0)
    onTestFinished(() => {
      chmodSync(root, 0o755)
    })
    const answer = runUnprivileged(
      { discovery: '#src/segment/discovery.js' },
      `try {
        discovery.discoverSegments(argument)
      } catch ({ code, message, hint }) {
        process.stdout.write(JSON.stringify({ code, message, hint }))
      }`,
      root,
    )
    expect(JSON.parse(answer)).toEqual({
      code: 'ROOT_NOT_FOUND',
      message: `read the output root ${root}: permission denied`,
      hint: expect.stringContaining('--root') as string,
    })
  })
})

function refusal(root: string): unknown {
  try {
    return discoverSegments(root)
  } catch (error) {
    expect(error).toBeInstanceOf(TurnlogError)
    return error
  }
}

describe('listSegments', () => {
  it('finds nothing where there is no such run', () => {
    const root = rootWith('file')
    expect(listSegments(root, 'missing')).toEqual([])
    rmSync(root, { recursive: true })
    expect(listSegments(root, 'missing')).toEqual([])
  })

  it('throws what the file system says of a run that is no directory', () => {
    const root = rootWith('file')
    expect(() => listSegments(root, 'file')).toThrow(expect.objectContaining({ code: 'ENOTDIR' }))
  })

  it('sees a segment grow', () => {
    const root = rootWith('a/events.jsonl')
    const [before] = listSegments(root, 'a')
    appendFileSync(join(root, 'a', 'events.jsonl'), 'more')
    const [after] = listSegments(root, 'a')
    expect(after).toMatchObject({ inode: before?.inode, size: (before?.size ?? 0) + 4 })
  })

  it('misses no segment that is sealed while it looks', async () => {
    const root = rootWith('a/events.jsonl')
    writeFileSync(join(root, 'a', 'events.jsonl'), '')
    const rotations = new Rotations(join(root, 'a'))
    onTestFinished(() => rotations.stop())
    const missed: number[] = []
    for (let round = 0; round < 150; round++) {
      rotations.start(round)
      // The worker wakes in its own time: look a little later each round.
      for (let spin = 0; spin < round * 200; spin++) rotations.finished()
      const sealed = rotations.finished()
      const sizes = new Set(listSegments(root, 'a').map(({ size }) => size))
      for (let size = 0; size <= sealed; size++) if (!sizes.has(size)) missed.push(size)
      rotations.wait(round)
    }
    expect(missed).toEqual([])
    expect(listSegments(root, 'a')).toHaveLength(151)
    await rotations.stop()
  })
})

/** A writer in another thread that seals its segment when told; the nth segment has n bytes. */
class Rotations {
  readonly #shared = new Int32Array(new SharedArrayBuffer(8))
  readonly #worker: Worker

  constructor(directory: string) {
    this.#worker = new Worker(
      `const { renameSync, writeFileSync } = require('node:fs')
      const { directory, shared } = require('node:worker_threads').workerData
      for (let round = 0; ; round++) {
        Atomics.wait(shared, 0, round)
        if (Atomics.load(shared, 0) < 0) break
        const active = directory + '/events.jsonl'
        renameSync(active, directory + '/events_' + String(round).padStart(6, '0') + '.jsonl')
        writeFileSync(active, 'x'.repeat(round + 1))
        Atomics.store(shared, 1, round + 1)
        Atomics.notify(shared, 1)
      }`,
      { eval: true, workerData: { directory, shared: this.#shared } },
    )
  }

  start(round: number): void {
    Atomics.store(this.#shared, 0, round + 1)
    Atomics.notify(this.#shared, 0)
  }

  finished(): number {
    return Atomics.load(this.#shared, 1)
  }

  wait(round: number): void {
    while (this.finished() <= round) Atomics.wait(this.#shared, 1, round, 10_000)
  }

  async stop(): Promise<void> {
    Atomics.store(this.#shared, 0, -1)
    Atomics.notify(this.#shared, 0)
    await this.#worker.terminate()
  }
}
