import type { Location } from '../location.js'
import { placeChecks, rootCheck } from './check-place.js'
import { sidecarChecks } from './check-sidecar.js'
import { writerChecks } from './check-writers.js'
import { type Finding, findingsOf } from './finding.js'

/** What `turnlog doctor` reports. */
export interface Diagnosis {
  readonly findings: readonly Finding[]
}

/**
 * Looks at everything turnlog needs, and changes nothing. What cannot be looked
 * at is a finding: this never throws for what it finds.
 */
export function diagnose(location: Location): Diagnosis {
  const root = [...findingsOf(rootCheck(location))]
  const hasRoot = root.every(({ status }) => status !== 'problem')
  const checks = [
    ...placeChecks(location),
    ...sidecarChecks(location),
    ...writerChecks(location.root),
  ].filter(({ needsRoot }) => hasRoot || needsRoot !== true)
  return { findings: [...root, ...checks.flatMap((check) => [...findingsOf(check)])] }
}
