import { copyFileSync, cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { afterAll, expect } from 'vitest'
import { indexRoot } from '#indexer/index-root.js'
import { type VerifyReport, verifyRoot } from '#indexer/verify-root.js'

/** A root whose sidecar is true, and copies of it that are not. */
export interface TamperedSidecar {
  readonly root: string
  /** The true one. */
  readonly db: string
  /** Changes a copy by SQL, and gives its path; of the copies only the last is there. */
  readonly tamper: (sql: string) => string
  /** What is said of a copy that was changed by SQL. */
  readonly verify: (sql: string, simulation?: string) => VerifyReport
}

/** Two runs that name their segments alike, and every damaged line there is; all searchable. */
export async function tamperedSidecar(): Promise<TamperedSidecar> {
  const directory = mkdtempSync(join(tmpdir(), 'turnlog-test-'))
  afterAll(() => {
    rmSync(directory, { recursive: true })
  })
  const root = join(directory, 'root')
  const db = join(directory, 'good.db')
  const tampered = join(directory, 'tampered.db')
  mkdirSync(root)
  for (const fixtures of ['village', 'damaged']) {
    cpSync(join('test/fixtures', fixtures), root, { recursive: true })
    rmSync(join(root, 'README.md'))
  }
  await indexRoot({ root, db, search: true })
  const tamper = (sql: string): string => {
    for (const suffix of ['-wal', '-shm']) rmSync(tampered + suffix, { force: true })
    copyFileSync(db, tampered)
    const connection = new Database(tampered).unsafeMode()
    try {
      const before = connection.serialize()
      connection.exec(sql)
      expect(connection.serialize().equals(before), 'nothing was changed').toBe(false)
    } finally {
      connection.close()
    }
    return tampered
  }
  const verify = (sql: string, simulation?: string): VerifyReport =>
    verifyRoot({ root, db: tamper(sql), ...(simulation !== undefined && { simulation }) })
  return { root, db, tamper, verify }
}
