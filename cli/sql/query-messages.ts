import type { RowFormatName } from './row-formats.js'

/** How the rows of a query are spelled. */
export interface RowSpelling {
  readonly format: RowFormatName
  /** Whether they are for a terminal, which they must not steer. */
  readonly forTerminal: boolean
}

/** What the process that runs a query is told. */
export type QueryOrder =
  | {
      readonly kind: 'run'
      readonly db: string
      readonly query: string
      readonly spelling: RowSpelling
      /** 0 is any number. */
      readonly maxRows: number
      readonly maxMegabytes: number
      /** The process that asks; the query ends with it. */
      readonly asker: number
    }
  | { readonly kind: 'more' }

/** A part of what a query gives, spelled; a long part comes in pieces. */
export interface QueryPiece {
  readonly text: string
  /** How many rows begin in it. */
  readonly rows: number
  /** Whether it is the last: of all there are, or of those asked for. */
  readonly end?: 'all' | 'limit'
}

/** What it answers: that it has begun, then, each time more is asked for, a piece of the rows. */
export type QueryAnswer =
  | { readonly kind: 'begun' }
  | ({ readonly kind: 'piece' } & QueryPiece)
  | {
      readonly kind: 'failed'
      readonly code?: string
      readonly message: string
      readonly hint?: string
    }
