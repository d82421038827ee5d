import { expect } from 'vitest'
import type { EventFilter } from '#src/query/event-filter.js'
import { type EventPage, listEvents, type PageRequest } from '#src/query/list-events.js'
import type { PageOrder } from '#src/query/page-cursor.js'
import type { IndexedRoot } from './indexed-root.js'

/** A request in which what a test does not care about is left out. */
export interface PageOptions extends Partial<PageRequest> {
  readonly filter?: EventFilter
  readonly order?: PageOrder
}

/** Reads one page; by default the first thousand events there are. */
export async function readPage(
  { reader }: IndexedRoot,
  run: string,
  { filter = {}, order = 'asc', limit = 1_000, ...rest }: PageOptions = {},
): Promise<EventPage> {
  return reader.read((snapshot) => listEvents(snapshot, run, { filter, order, limit, ...rest }))
}

/** Reads page after page by cursor, doing something between them. */
export async function readAllPages(
  indexed: IndexedRoot,
  run: string,
  options: PageOptions,
  between: (index: number, page: EventPage) => unknown = () => undefined,
): Promise<string[]> {
  const lines: string[] = []
  let cursor: string | undefined
  for (let index = 0; ; index++) {
    const page = await readPage(indexed, run, { ...options, cursor })
    const { events, nextCursor, hasMore } = page
    lines.push(...events)
    expect(hasMore).toBe(nextCursor !== null)
    if (nextCursor === null) return lines
    cursor = nextCursor
    await between(index, page)
  }
}
