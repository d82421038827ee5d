import { DuckDBInstance, type Json } from '@duckdb/node-api'

/** Asks DuckDB, which knows nothing of turnlog. @returns rows by column; 64-bit integers as texts */
export async function askDuckDb(sql: string): Promise<Record<string, Json>[]> {
  const instance = await DuckDBInstance.create(':memory:')
  const connection = await instance.connect()
  try {
    return (await connection.runAndReadAll(sql)).getRowObjectsJson()
  } finally {
    connection.closeSync()
    instance.closeSync()
  }
}
