/** The segment a writer appends to. */
export const ACTIVE_SEGMENT = 'events.jsonl'

/** Whether a file directly under a run's directory is a segment: `events*.jsonl`. */
export function isSegmentName(name: string): boolean {
  return name.startsWith('events') && name.endsWith('.jsonl')
}

/**
 * The name a full segment is sealed under, `events_YYYY-MM-DD_HH-MM-SS.jsonl`
 * in UTC; where that name is taken, `attempt` 1 to 9999 makes another that
 * sorts behind it.
 */
export function sealedSegmentName(at: Date, attempt = 0): string {
  const second = at.toISOString().slice(0, 19).replace('T', '_').replaceAll(':', '-')
  const suffix = attempt === 0 ? '' : `_${attempt.toString().padStart(4, '0')}`
  return `events_${second}${suffix}.jsonl`
}

/** The reading order of a run's segments: sealed ones by name, the active one last. */
export function compareSegmentNames(a: string, b: string): number {
  const aActive = a === ACTIVE_SEGMENT
  const bActive = b === ACTIVE_SEGMENT
  if (aActive !== bActive) return aActive ? 1 : -1
  const aStem = stem(a)
  const bStem = stem(b)
  return aStem < bStem ? -1 : aStem > bStem ? 1 : 0
}

/** Without the ending, a name sorts before the same name with a suffix. */
function stem(name: string): string {
  return name.slice(0, -'.jsonl'.length)
}
