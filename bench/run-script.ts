import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

/**
 * Runs a script of this folder in a process of its own, with a job as its argument.
 *
 * @param script its name when built, such as `emit-peer.js`
 * @returns what it prints, read as JSON
 * @throws Error with what it wrote to stderr, when it fails
 */
export async function runScript(script: string, job: object): Promise<unknown> {
  const file = fileURLToPath(new URL(script, import.meta.url))
  const { stdout } = await promisify(execFile)(process.execPath, [file, JSON.stringify(job)])
  return JSON.parse(stdout)
}
