import { TurnlogError } from '../errors.js'
import type { EqualRanges } from './equal-ranges.js'

/** Counts in one answer: more take long to spell, and nobody looks at them. */
export const MAX_COUNTS = 200_000

/** How many events there are in each bucket. */
export interface Histogram {
  readonly total: number
  /** One behind the other, empty ones too; none where nothing was counted. */
  readonly buckets: readonly HistogramBucket[]
}

/** Events whose turn, or instant, is not below `start` nor above `end`. */
export interface HistogramBucket {
  readonly start: number
  readonly end: number
  readonly count: number
  /** Where they are told apart: how many there are of each name that has any. */
  readonly split?: Readonly<Record<string, number>>
}

/** Counts events by bucket, and within a bucket by group. */
export class BucketCounts {
  readonly #ranges: EqualRanges
  readonly #names: readonly string[] | undefined
  /** How many groups there are. */
  readonly #width: number
  /** Of each bucket, one for each group. */
  readonly #counts: Float64Array

  /**
   * @param names of the groups; undefined where there is one and it has none
   * @throws TurnlogError QUERY_TOO_BROAD when there would be more than {@link MAX_COUNTS}
   */
  constructor(ranges: EqualRanges, names: readonly string[] | undefined) {
    const { length: buckets } = ranges.starts
    const width = names?.length ?? 1
    if (buckets * width > MAX_COUNTS) throw tooMany(buckets, width)
    this.#ranges = ranges
    this.#names = names
    this.#width = width
    this.#counts = new Float64Array(buckets * width)
  }

  /** The bucket of a turn or an instant. */
  bucketOf(value: number): number {
    return this.#ranges.indexOf(value)
  }

  /** The bucket of each of some turns or instants. */
  bucketsOf(values: Float64Array): Uint32Array {
    return this.#ranges.indexesOf(values)
  }

  add(bucket: number, group: number, events: number): void {
    const index = bucket * this.#width + group
    this.#counts[index] = (this.#counts[index] ?? 0) + events
  }

  /** What was counted. */
  histogram(): Histogram {
    const buckets = this.#ranges.starts.map((start, bucket) => this.#describe(start, bucket))
    const total = sum(this.#counts)
    return { total, buckets: total === 0 ? [] : buckets }
  }

  #describe(start: number, bucket: number): HistogramBucket {
    const counts = this.#counts.subarray(bucket * this.#width, (bucket + 1) * this.#width)
    const described = { start, end: this.#ranges.endOf(bucket), count: sum(counts) }
    if (this.#names === undefined) return described
    const named = this.#names.map((name, group) => [name, counts[group] ?? 0] as const)
    return { ...described, split: Object.fromEntries(named.filter(([, count]) => count > 0)) }
  }
}

function sum(counts: Float64Array): number {
  return counts.reduce((total, count) => total + count, 0)
}

function tooMany(buckets: number, names: number): TurnlogError {
  return new TurnlogError('QUERY_TOO_BROAD', {
    message: `${buckets} buckets of ${names} names each are more than ${MAX_COUNTS} counts; ask for fewer buckets, or for some agents only`,
    hint: 'ask for fewer buckets, or name agents in agent_ids',
  })
}
