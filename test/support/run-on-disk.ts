import {
  appendFileSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'

const ACTIVE = 'events.jsonl'

/** A run whose bytes are written piece by piece, rotated, and now and then lost and found. */
export class RunOnDisk {
  readonly #directory: string
  #pending = Buffer.alloc(0)
  #sealed = 0
  #lost: { path: string; content: Buffer } | undefined

  constructor(root: string, name: string) {
    this.#directory = join(root, name)
  }

  append(lines: readonly string[], cut: number): void {
    const bytes = Buffer.concat([
      this.#pending,
      Buffer.from(lines.map((text) => `${text}\n`).join('')),
    ])
    const now = Math.floor(bytes.length * cut)
    mkdirSync(this.#directory, { recursive: true })
    appendFileSync(join(this.#directory, ACTIVE), bytes.subarray(0, now))
    this.#pending = bytes.subarray(now)
  }

  rotate(): void {
    if (!existsSync(join(this.#directory, ACTIVE))) return
    renameSync(join(this.#directory, ACTIVE), this.#sealedPath(this.#sealed++))
  }

  /** Loses the oldest sealed segment that is there. */
  lose(): void {
    const paths = Array.from({ length: this.#sealed }, (_, index) => this.#sealedPath(index))
    const path = paths.find((candidate) => existsSync(candidate))
    if (path === undefined || this.#lost !== undefined) return
    this.#lost = { path, content: readFileSync(path) }
    rmSync(path)
  }

  /** Renames any segment; one of that name takes the other's. */
  rename(from: number, to: string): void {
    const [source, target] = [this.#segment(from), join(this.#directory, `${to}.jsonl`)]
    if (source === undefined) return
    const aside = join(this.#directory, 'aside')
    renameSync(source, aside)
    if (existsSync(target)) renameSync(target, source)
    renameSync(aside, target)
  }

  cutShort(which: number, at: number): void {
    const path = this.#segment(which)
    if (path !== undefined) truncateSync(path, Math.floor(statSync(path).size * at))
  }

  /** Puts an x in the place of any byte. */
  edit(which: number, at: number): void {
    const path = this.#segment(which)
    if (path === undefined) return
    const content = readFileSync(path)
    if (content.length === 0) return
    content[Math.min(content.length - 1, Math.floor(content.length * at))] = 0x78
    writeFileSync(path, content)
    // What is written within one tick of the system's clock has the same time: this takes the next.
    utimesSync(path, new Date(), new Date(statSync(path).mtimeMs + 1000))
  }

  /** Gives a segment another inode and another time, as cp and rsync do. */
  copy(which: number): void {
    const path = this.#segment(which)
    if (path === undefined) return
    copyFileSync(path, join(this.#directory, 'aside'))
    renameSync(join(this.#directory, 'aside'), path)
  }

  #segment(which: number): string | undefined {
    if (!existsSync(this.#directory)) return undefined
    const names = readdirSync(this.#directory).sort()
    const name = names[which % names.length]
    return name === undefined ? undefined : join(this.#directory, name)
  }

  /** Deletes the run; what is appended afterwards makes it again. */
  remove(): void {
    rmSync(this.#directory, { recursive: true, force: true })
  }

  restore(): void {
    if (this.#lost === undefined) return
    mkdirSync(this.#directory, { recursive: true })
    writeFileSync(this.#lost.path, this.#lost.content)
    this.#lost = undefined
  }

  #sealedPath(index: number): string {
    return join(this.#directory, `events_2026-01-01_00-00-${String(index).padStart(2, '0')}.jsonl`)
  }
}
