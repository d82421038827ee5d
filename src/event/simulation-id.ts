import { TurnlogError } from '../errors.js'

/** Names turnlog keeps for itself below an output root. */
export const CONTROL_DIRECTORY = '.turnlog'

const MAX_BYTES = 255
// eslint-disable-next-line no-control-regex -- control characters are what it looks for
const FORBIDDEN = /[/\\\u0000-\u001f\u007f]/

/**
 * A simulation id is the name of a directory, so it must be able to be one.
 *
 * @throws TurnlogError SIMULATION_ID_INVALID, saying which rule is broken
 */
export function assertSimulationId(id: string): void {
  const problem = simulationIdProblem(id)
  if (problem === undefined) return
  throw new TurnlogError('SIMULATION_ID_INVALID', {
    message: `simulation id ${JSON.stringify(id)} ${problem}`,
    hint: 'use letters, digits, "-" and "_", for example "market-20251004-142345-6agents"',
  })
}

function simulationIdProblem(id: string): string | undefined {
  if (id === '') return 'is empty'
  if (id === '.' || id === '..') return 'means another directory'
  if (id === CONTROL_DIRECTORY) return 'is the directory of the sidecar'
  if (FORBIDDEN.test(id)) return 'holds a slash, a backslash or a control character'
  if (!id.isWellFormed()) return 'holds half of a surrogate pair'
  if (Buffer.byteLength(id) > MAX_BYTES) return `is longer than ${MAX_BYTES} bytes`
  return undefined
}
