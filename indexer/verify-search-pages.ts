import type Database from 'better-sqlite3'
import type { Difference } from './difference.js'
import { firstAndLastTerm, locatePage } from './search-pages.js'

/** From which term on words are looked for on which page. */
interface Signpost {
  readonly segment: number
  readonly term: Uint8Array
  readonly page: number
}

/** Where the words of a page begin, and where those before them end. */
interface PageOfWords {
  readonly segment: number
  readonly page: number
  readonly first: Uint8Array
  /** The last term before, undefined at the beginning of a segment. */
  readonly before: Uint8Array | undefined
}

/** Stands before every term: FTS5 has other letters for prefixes. */
const MARK_BYTES = 1

/**
 * Words that the full-text index has, but no search gets to: FTS5 looks up in
 * `event_search_idx` on which page a word would be, and its own check takes no
 * notice when a signpost there is missing.
 *
 * @param connection to an index whose pages FTS5 found sound
 */
export function* findLostWords(connection: Database.Database): Generator<Difference> {
  const misplaced = connection
    .prepare<[], number>(
      `SELECT count(*) FROM event_search_idx WHERE typeof(segid) <> 'integer'
        OR typeof(term) <> 'blob' OR typeof(pgno) <> 'integer'`,
    )
    .pluck()
    .get()
  if (misplaced !== 0) {
    yield { problem: `the full-text index leads nowhere in ${misplaced ?? 0} of its signposts` }
    return
  }
  const signposts = readSignposts(connection)
  const firstTerms = new Map<number, PageOfWords>()
  for (const words of pagesOfWords(connection)) {
    const { segment, page, first, before } = words
    const isFirst = before === undefined
    if (isFirst) firstTerms.set(segment, words)
    const key = `${segment} ${page}`
    const signpost = signposts.get(key)
    signposts.delete(key)
    // Of a segment whose first pages were merged away, the first that is left needs none.
    const isLost = signpost === undefined ? !isFirst || page === 1 : !leadsTo(signpost.term, words)
    if (isLost) {
      yield {
        problem: `the full-text index has words from ${textOf(first)} on that no search gets to`,
      }
    }
  }
  for (const { segment, term, page } of signposts.values()) {
    // Merging leaves those that lead to pages merged away.
    const rest = firstTerms.get(segment)
    const isLeft = rest !== undefined && page < rest.page && page > 0
    if (isLeft && Buffer.compare(term, rest.first) <= 0) continue
    yield { problem: `the full-text index leads words from ${textOf(term)} on to where none are` }
  }
}

function readSignposts(connection: Database.Database): Map<string, Signpost> {
  const rows = connection
    .prepare<[], Signpost>('SELECT segid AS segment, term, pgno >> 1 AS page FROM event_search_idx')
    .all()
  return new Map(rows.map((row) => [`${row.segment} ${row.page}`, row]))
}

function* pagesOfWords(connection: Database.Database): Generator<PageOfWords> {
  const rows = connection
    .prepare<[], { id: number; block: Uint8Array }>(
      `SELECT id, block FROM event_search_data ORDER BY id`,
    )
    .iterate()
  let last: { readonly segment: number; readonly term: Uint8Array } | undefined
  for (const { id, block } of rows) {
    const place = locatePage(id)
    const terms = place && firstAndLastTerm(block)
    if (place === undefined || terms === undefined) continue
    const { segment } = place
    const before = last?.segment === segment ? last.term : undefined
    yield { ...place, first: terms.first, before }
    last = { segment, term: terms.last }
  }
}

function leadsTo(term: Uint8Array, { page, first, before }: PageOfWords): boolean {
  // The one to the first page takes whatever comes before all others.
  if (page === 1) return term.length === 0
  const isBehind = before === undefined || Buffer.compare(before, term) < 0
  return isBehind && Buffer.compare(term, first) <= 0
}

function textOf(term: Uint8Array): string {
  return JSON.stringify(Buffer.from(term).toString('utf8', MARK_BYTES))
}
