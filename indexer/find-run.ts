import { join } from 'node:path'
import { TurnlogError } from '../src/errors.js'
import { discoverSegments, type FoundSimulation } from '../src/segment/discovery.js'
import { unknownSimulation } from '../src/unknown-simulation.js'

/**
 * A run on disk, by its name.
 *
 * @param task what it is wanted for, for the message
 * @throws TurnlogError ROOT_NOT_FOUND, INPUT_UNREADABLE when its directory cannot be read, or
 *   SIMULATION_NOT_FOUND with the nearest name
 */
export function findRun(root: string, simulation: string, task: string): FoundSimulation {
  const { simulations, problems } = discoverSegments(root)
  const found = simulations.find(({ id }) => id === simulation)
  if (found !== undefined) return found
  const problem = problems.find(({ path }) => path === join(root, simulation))
  if (problem !== undefined) {
    throw new TurnlogError('INPUT_UNREADABLE', {
      message: `${task} ${simulation}: ${problem.path} ${problem.message}`,
      hint: 'make sure that it can be listed, and its files read',
    })
  }
  throw unknownSimulation({
    message: `${task} ${simulation}: there is no such run in ${root}`,
    name: simulation,
    known: simulations.map(({ id }) => id),
    help: '`turnlog ls` lists the runs that are indexed',
  })
}
