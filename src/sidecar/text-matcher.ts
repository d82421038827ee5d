import Database from 'better-sqlite3'
import { SEARCH_TOKENIZER } from '../../migrations/0002-search.js'
import type { EventTextView } from './schema.js'

/** What is searched of an event, as the view `event_text` has it. */
export type SearchedText = Pick<EventTextView, 'description' | 'details'>

/**
 * Looks for words in texts exactly as the full-text index does, for events that
 * it does not have. Who asks more of the same list of texts waits for no new index
 * of them: the list of the last question is kept, and is not to be changed.
 *
 * @param expression in the syntax of FTS5
 * @returns whether it matches, for each of the texts
 */
export function matchTexts(expression: string, texts: readonly SearchedText[]): boolean[] {
  const matching = new Set(openTable().match(expression, texts))
  return texts.map((_, index) => matching.has(index))
}

/** The words of a text, one after the other, as the full-text index has them. */
export function wordsOf(text: string): string[] {
  return openTable().words(text)
}

/** One for the thread. */
let table: TextTable | undefined

function openTable(): TextTable {
  table ??= new TextTable()
  return table
}

/** An index in memory, of the texts that were asked for last. */
class TextTable {
  readonly #connection: Database.Database
  readonly #insert: Database.Statement<[number, string | null, string | null]>
  readonly #match: Database.Statement<[string], number>
  readonly #words: Database.Statement<[], string>
  /** What is in the table now. */
  #texts: readonly SearchedText[] | undefined

  constructor() {
    this.#connection = new Database(':memory:')
    this.#connection.exec(`
      CREATE VIRTUAL TABLE searched USING fts5(
        description, details, content = '', tokenize = '${SEARCH_TOKENIZER}'
      );
      CREATE VIRTUAL TABLE word USING fts5vocab(searched, instance);
    `)
    this.#insert = this.#connection.prepare(
      'INSERT INTO searched (rowid, description, details) VALUES (?, ?, ?)',
    )
    this.#match = this.#connection
      .prepare<[string], number>('SELECT rowid FROM searched WHERE searched MATCH ?')
      .pluck()
    this.#words = this.#connection
      .prepare<[], string>('SELECT term FROM word ORDER BY offset')
      .pluck()
  }

  match(expression: string, texts: readonly SearchedText[]): number[] {
    this.#hold(texts)
    return this.#match.all(expression)
  }

  words(text: string): string[] {
    this.#hold([{ description: text, details: null }])
    return this.#words.all()
  }

  /** Undoing what was put in costs less than taking it out. */
  #hold(texts: readonly SearchedText[]): void {
    if (this.#texts === texts) return
    this.#texts = undefined
    if (this.#connection.inTransaction) this.#connection.exec('ROLLBACK')
    this.#connection.exec('BEGIN')
    for (const [index, { description, details }] of texts.entries()) {
      this.#insert.run(index, description, details)
    }
    this.#texts = texts
  }
}
