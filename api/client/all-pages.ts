/** An answer that another one may go on from. */
interface Page {
  readonly next_cursor: string | null
}

/**
 * One page behind the other; the next is asked for when the one before has been read.
 *
 * @param ask gives the page that a cursor leads to; the first one without
 */
export async function* allPages<P extends Page>(
  ask: (cursor?: string) => Promise<P>,
): AsyncGenerator<P> {
  let page = await ask()
  yield page
  while (page.next_cursor !== null) {
    page = await ask(page.next_cursor)
    yield page
  }
}
