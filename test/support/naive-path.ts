import type { NaiveEvent } from './naive.js'

/**
 * A shortest causal path by a plain breadth-first search from the cause on, the
 * one with the earliest cause at each step from the effect; undefined without any.
 *
 * @param events in their order
 */
export function findPathNaively(
  events: readonly NaiveEvent[],
  from: string,
  to: string,
): readonly NaiveEvent[] | undefined {
  const distances = new Map([[from, 0]])
  for (let distance = 0, isOver = false; !isOver; distance++) {
    isOver = true
    for (const { position, causes } of events) {
      if (distances.has(position.eventId)) continue
      if (!causes.some((cause) => distances.get(cause) === distance)) continue
      distances.set(position.eventId, distance + 1)
      isOver = false
    }
  }
  if (!distances.has(to)) return undefined
  const path: NaiveEvent[] = []
  let level = events.filter(({ position }) => position.eventId === to)
  for (let left = distances.get(to) ?? 0; left >= 0; left--) {
    // The earliest of those that are as near to the cause as any.
    const [earliest] = level.filter(({ position }) => distances.get(position.eventId) === left)
    if (earliest === undefined) return undefined
    path.unshift(earliest)
    level = events.filter(({ position }) => earliest.causes.includes(position.eventId))
  }
  return path
}
