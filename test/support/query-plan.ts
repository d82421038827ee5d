import Database from 'better-sqlite3'
import { vi } from 'vitest'

/** Runs queries, and gives every statement that SQLite was really asked, each once. */
export async function recordStatements(use: () => Promise<unknown>): Promise<string[]> {
  const prepare = vi.spyOn(Database.prototype, 'prepare')
  try {
    await use()
    const asked = prepare.mock.calls.map(([sql]) => sql)
    return [...new Set(asked.filter((sql) => /^(select|with)\b/.test(sql)))]
  } finally {
    prepare.mockRestore()
  }
}

/** The steps in which SQLite goes about a statement, as `EXPLAIN QUERY PLAN` names them. */
export function explain(connection: Database.Database, sql: string): string[] {
  const parameters = sql
    .split('?')
    .slice(1)
    .map(() => 1)
  return connection
    .prepare<unknown[], { detail: string }>(`EXPLAIN QUERY PLAN ${sql}`)
    .all(...parameters)
    .map(({ detail }) => detail)
}
