import type { SqlValue } from '../../src/sidecar/prepare-query.js'

/** What the process that runs a query is told. */
export type QueryOrder =
  | {
      readonly kind: 'run'
      readonly db: string
      readonly query: string
      /** 0 is any number. */
      readonly maxRows: number
      readonly maxMegabytes: number
      /** The process that asks; the query ends with it. */
      readonly asker: number
    }
  | { readonly kind: 'more' }

/** What it answers: the columns first, then, each time more is asked for, some rows. */
export type QueryAnswer =
  | { readonly kind: 'columns'; readonly columns: readonly string[] }
  | {
      readonly kind: 'rows'
      readonly rows: readonly (readonly SqlValue[])[]
      /** Whether these were the last: of all there are, or of those asked for. */
      readonly end?: 'all' | 'limit'
    }
  | {
      readonly kind: 'failed'
      readonly code?: string
      readonly message: string
      readonly hint?: string
    }
