import Database from 'better-sqlite3'

/** Puts events into the full-text index of a sidecar, some of those that are missing or all of them. */
export function fillSearchIndex(db: string, events = Number.MAX_SAFE_INTEGER): void {
  const sidecar = new Database(db)
  sidecar.transaction(() => {
    const progress = sidecar.prepare<[], number>('SELECT last_row FROM search_progress').pluck()
    const missing = `SELECT id, description, details FROM event_text
      WHERE id > ${progress.get() ?? 0} ORDER BY id LIMIT ${events}`
    sidecar.exec(`INSERT INTO event_search (rowid, description, details) ${missing}`)
    sidecar.exec(`UPDATE search_progress SET (last_row, events) =
      (SELECT coalesce(max(id), last_row), events + count(*) FROM (${missing}))`)
  })()
  sidecar.close()
}
