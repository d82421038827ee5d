import { TurnlogError } from './errors.js'
import { nearestName } from './nearest-name.js'

/** What is told of a run that is not there. */
export interface UnknownSimulation {
  readonly message: string
  readonly name: string
  /** The runs that there are, or those around the name. */
  readonly known: readonly string[]
  /** What else there is to be done. */
  readonly help: string
}

/** The error of a run that is not there; its hint names the one that may have been meant. */
export function unknownSimulation(unknown: UnknownSimulation): TurnlogError {
  const { message, name, known, help } = unknown
  const nearest = nearestName(name, known)
  return new TurnlogError('SIMULATION_NOT_FOUND', {
    message,
    hint: nearest === undefined ? help : `did you mean ${nearest}? ${help}`,
  })
}
