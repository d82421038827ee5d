/** Between which bounds a client waits before it connects again, in milliseconds. */
export interface DelayBounds {
  /** After a connection that worked. */
  readonly first: number
  /** However many have failed. */
  readonly longest: number
}

/**
 * How long to wait before connecting again: twice as long after each failure. Up to half of it is
 * left to chance, so that the clients of a server that was away do not all come back at once.
 *
 * @param failures connections since the last that worked
 * @param chance from 0 to 1
 */
export function reconnectDelay(
  failures: number,
  { first, longest }: DelayBounds,
  chance: number,
): number {
  const full = Math.min(first * 2 ** failures, longest)
  return full * (1 - chance / 2)
}
