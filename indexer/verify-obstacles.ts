import type Database from 'better-sqlite3'
import type { Difference } from './difference.js'
import { isCorruption } from './verify-search.js'
import { findStructureProblems } from './verify-structure.js'
import { findMistypedValues } from './verify-values.js'

/**
 * What keeps a sidecar from being compared: that it is not built as the
 * migrations build it, that SQLite finds it damaged, that values are stored as
 * what they cannot be. The first of these that is found is told, and no other.
 *
 * @param simulation the name of the one run to be compared; all of them unless told
 */
export function* findObstacles(
  connection: Database.Database,
  simulation?: string,
): Generator<Difference> {
  let found = false
  for (const find of [findStructureProblems, findDamage, findMistypedValues]) {
    try {
      for (const difference of find(connection, simulation)) {
        found = true
        yield difference
      }
    } catch (error) {
      // Where it cannot even be opened, that is all that can be said.
      if (!isCorruption(error)) throw error
      yield damage(error.message)
      return
    }
    if (found) return
  }
}

function findDamage(connection: Database.Database): Difference[] {
  return connection
    .prepare<[], string>('PRAGMA quick_check(10)')
    .pluck()
    .all()
    .filter((finding) => finding !== 'ok')
    .map(damage)
}

function damage(finding: string): Difference {
  return { problem: `the sidecar is damaged: ${finding}` }
}
