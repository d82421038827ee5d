import { TurnlogError } from '../src/errors.js'
import { nearestName } from '../src/nearest-name.js'
import { discoverSegments, type FoundSimulation } from '../src/segment/discovery.js'

/**
 * A run on disk, by its name.
 *
 * @param task what it is wanted for, for the message
 * @throws TurnlogError ROOT_NOT_FOUND, or SIMULATION_NOT_FOUND with the nearest name
 */
export function findRun(root: string, simulation: string, task: string): FoundSimulation {
  const { simulations } = discoverSegments(root)
  const found = simulations.find(({ id }) => id === simulation)
  if (found !== undefined) return found
  const nearest = nearestName(
    simulation,
    simulations.map(({ id }) => id),
  )
  throw new TurnlogError('SIMULATION_NOT_FOUND', {
    message: `${task} ${simulation}: there is no such run in ${root}`,
    hint: nearest === undefined ? '`turnlog ls` lists the runs' : `did you mean ${nearest}?`,
  })
}
