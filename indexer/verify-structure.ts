import type Database from 'better-sqlite3'
import type { Difference } from './difference.js'
import { FRESH_STRUCTURE, readFixedRows, readObjects } from './sidecar-structure.js'

/** What all runs share is built anew with all of them. */
const REMEDY = '`turnlog reindex` builds the sidecar anew'

/**
 * In what a sidecar is built unlike the migrations build one: tables, indexes,
 * views and triggers, and the rows that no event brings, as the names of types.
 */
export function* findStructureProblems(connection: Database.Database): Generator<Difference> {
  const problems = [...objectProblems(connection)]
  // Rows are read where there is a table to read them from.
  if (problems.length === 0) problems.push(...fixedRowProblems(connection))
  for (const problem of problems) yield { problem: `${problem}: ${REMEDY}` }
}

function* objectProblems(connection: Database.Database): Generator<string> {
  const { objects: expected } = FRESH_STRUCTURE
  const objects = readObjects(connection)
  for (const [name, { type, table, sql }] of expected) {
    const object = objects.get(name)
    if (object === undefined) {
      // Its indexes go with a table.
      if (type !== 'index' || objects.has(`table ${table}`)) yield `the ${name} is missing`
    } else if (object.sql !== sql || object.table !== table) {
      yield `the ${name} is not defined as turnlog defines it`
    }
  }
  for (const name of objects.keys()) {
    if (!expected.has(name)) yield `the ${name} is none that turnlog makes`
  }
}

function* fixedRowProblems(connection: Database.Database): Generator<string> {
  for (const [fixed, expected] of FRESH_STRUCTURE.fixedRows) {
    const { table, key: column, value: said } = fixed
    const rows = readFixedRows(connection, fixed)
    for (const [key, value] of expected) {
      const row = `the row of ${table} whose ${column} is ${key}`
      const kept = rows.get(key)
      if (kept === undefined) yield `${row} is missing`
      else if (kept !== value) yield `of ${row}, ${said} is kept as ${kept}, but is ${value}`
    }
    for (const key of rows.keys()) {
      if (!expected.has(key)) yield `the row of ${table} whose ${column} is ${key} is one too many`
    }
  }
}
