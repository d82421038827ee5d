import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** A root of damaged runs; its README says what is wrong with each. */
export const DAMAGED_ROOT = fileURLToPath(new URL('../fixtures/damaged', import.meta.url))

/** What a reader must find in a damaged run. */
export interface DamagedRun {
  readonly id: string
  readonly events: number
  readonly duplicates: number
  readonly rejects: number
  /** Bytes behind the last newlines of its segments. */
  readonly torn: number
}

const ROW = /^\| `([^`]+)` .*\| +(\d+) \| +(\d+) \| +(\d+) \| +(\d+) \|$/gm

/** The table of the README. */
export function damagedRuns(): readonly DamagedRun[] {
  const readme = readFileSync(`${DAMAGED_ROOT}/README.md`, 'utf8')
  return [...readme.matchAll(ROW)].map(([, id = '', ...counts]) => {
    const [events = NaN, duplicates = NaN, rejects = NaN, torn = NaN] = counts.map(Number)
    return { id, events, duplicates, rejects, torn }
  })
}
