import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { indexRoot } from '#indexer/index-root.js'
import { segmentText } from './event-lines.js'
import { FIXTURE } from './indexed-root.js'
import { type CommandResult, runCli } from './run-cli.js'
import { temporaryDirectory } from './temporary-directory.js'

/** Runs on disk, their sidecar, and the command line over both. */
export interface CliRoot {
  readonly root: string
  readonly db: string
  /** Runs a command with `--root` and `--db`. */
  readonly run: (...args: string[]) => Promise<CommandResult>
}

/** The runs of llm-sim, indexed. */
export function fixtureRoot(): Promise<CliRoot> {
  return indexed(FIXTURE)
}

/** Runs of these lines, indexed. */
export function rootOf(runs: Readonly<Record<string, readonly string[]>>): Promise<CliRoot> {
  const root = temporaryDirectory()
  for (const [run, lines] of Object.entries(runs)) {
    mkdirSync(join(root, run))
    writeFileSync(join(root, run, 'events.jsonl'), segmentText(...lines))
  }
  return indexed(root)
}

async function indexed(root: string): Promise<CliRoot> {
  const db = join(temporaryDirectory(), 'x.db')
  await indexRoot({ root, db, search: true })
  return { root, db, run: (...args) => runCli(...args, '--root', root, '--db', db) }
}
