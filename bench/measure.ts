/** Figures of one thing measured many times, in microseconds. */
export interface Latency {
  readonly p50: number
  readonly p99: number
  readonly p999: number
  readonly max: number
}

/** Sums up samples given in milliseconds. */
export function summarize(samples: Float64Array): Latency {
  const sorted = samples.slice().sort()
  const at = (share: number): number =>
    (sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0) * 1000
  return { p50: at(0.5), p99: at(0.99), p999: at(0.999), max: at(1) }
}

/** Times a call `times` times, after a tenth as many to warm up. */
export async function time(times: number, call: (round: number) => unknown): Promise<Latency> {
  for (let round = 0; round < times / 10; round++) await call(round)
  const samples = new Float64Array(times)
  for (let round = 0; round < times; round++) {
    const before = performance.now()
    await call(round)
    samples[round] = performance.now() - before
  }
  return summarize(samples)
}

/** The value in the middle. */
export function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0
}
