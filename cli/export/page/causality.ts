import type { PageEvent, RecordedEvents } from './recorded-events.js'

/** An event, and how many steps away it is. */
export interface Distant {
  readonly event: PageEvent
  readonly distance: number
}

/** What leads to an event, or what it leads to. */
export interface Walk {
  /** The nearest first, each once. */
  readonly found: readonly Distant[]
  /** Whether there is more than is shown. */
  readonly isCut: boolean
  /** Ids of causes that are not on the page. */
  readonly missing: readonly string[]
}

/** How far it is walked, and how many are shown. */
const MAX_DISTANCE = 20
const MAX_FOUND = 200

/** Every cause of an event, and their causes. */
export function upstreamOf(start: PageEvent, { byId }: RecordedEvents): Walk {
  const missing = new Set<string>()
  const walk = walkFrom(start, (event) =>
    event.causes.flatMap((id) => {
      const cause = byId.get(id)
      if (cause === undefined) missing.add(id)
      return cause === undefined ? [] : [cause]
    }),
  )
  return { ...walk, missing: [...missing] }
}

/** Every effect of an event, and their effects. */
export function downstreamOf(start: PageEvent, { effects }: RecordedEvents): Walk {
  return { ...walkFrom(start, (event) => effects.get(event.id) ?? []), missing: [] }
}

/** Breadth first: each is found at its smallest distance. */
function walkFrom(
  start: PageEvent,
  neighbours: (event: PageEvent) => readonly PageEvent[],
): Omit<Walk, 'missing'> {
  const seen = new Set([start])
  const found: Distant[] = []
  let level: readonly PageEvent[] = [start]
  for (let distance = 1; distance <= MAX_DISTANCE && level.length > 0; distance++) {
    const next: PageEvent[] = []
    for (const event of level.flatMap((each) => neighbours(each))) {
      if (seen.has(event)) continue
      seen.add(event)
      next.push(event)
      if (found.length === MAX_FOUND) return { found, isCut: true }
      found.push({ event, distance })
    }
    level = next
  }
  return { found, isCut: level.length > 0 }
}
