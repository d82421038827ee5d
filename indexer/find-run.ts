import { discoverSegments, type FoundSimulation } from '../src/segment/discovery.js'
import { unknownSimulation } from '../src/unknown-simulation.js'

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
  throw unknownSimulation({
    message: `${task} ${simulation}: there is no such run in ${root}`,
    name: simulation,
    known: simulations.map(({ id }) => id),
    help: '`turnlog ls` lists the runs that are indexed',
  })
}
