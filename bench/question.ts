import type { EventFilter } from '../src/query/event-filter.js'
import type { HistogramRequest } from '../src/query/count-histogram.js'
import type { PageRequest } from '../src/query/list-events.js'
import type { SeriesRequest } from '../src/query/read-variable.js'
import type { TraceRequest } from '../src/query/trace-causality.js'

/** Something to ask about a run, whoever answers: the query layer, the server or a peer. */
export type Question =
  | { readonly kind: 'page'; readonly request: PageRequest }
  /** How many events match. */
  | { readonly kind: 'total'; readonly filter: EventFilter }
  | { readonly kind: 'event'; readonly eventId: string }
  | { readonly kind: 'trace'; readonly eventId: string; readonly request: TraceRequest }
  /** A shortest causal path. */
  | { readonly kind: 'path'; readonly cause: string; readonly effect: string }
  | { readonly kind: 'histogram'; readonly request: HistogramRequest }
  | { readonly kind: 'agents' }
  | { readonly kind: 'variables' }
  | { readonly kind: 'variable'; readonly name: string; readonly request: SeriesRequest }
  /** The run itself, in full. */
  | { readonly kind: 'simulation' }
  /** All runs. */
  | { readonly kind: 'simulations' }
