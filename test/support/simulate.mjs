// Plays a simulation that ends in the way its first argument says, for tests of how processes end.
import { setImmediate } from 'node:timers'
import { SimulationOrchestrator } from '../../dist/src/index.js'

const [ending, outputRoot] = process.argv.slice(2)
const LAST_TURN = 2_000

/** Calculations in each turn. */
const CALCULATIONS = 5

const endings = {
  exit() {
    process.exit(3)
  },
  uncaught() {
    setImmediate(() => {
      throw new Error('uncaught')
    })
  },
  throws() {
    throw new Error('the engine breaks')
  },
}

/** Tells what the writer says of itself. */
function tellAccount(writer) {
  process.stdout.write(`account ${JSON.stringify(writer.stats())}\n`)
}

/** Turns of an engine that never yields, but for what the orchestrator does. */
const engine = {
  start: () => ({ global: { harvests: 0 } }),
  playTurn(world, turn) {
    if (turn.turnNumber === 1) process.on('exit', () => tellAccount(turn.writer))
    for (let index = 0; index < CALCULATIONS; index++) turn.calculate('step', { index })
    world.global.harvests++
    process.stdout.write(`turn ${turn.turnNumber}\n`)
    if (turn.turnNumber === LAST_TURN) endings[ending]?.()
    return world
  },
}

const isEndless = ending === 'signal' || ending === 'uncaught'
const config = { name: 'world', turns: isEndless ? 1e9 : LAST_TURN }
const options = { config, engine, agents: [], outputRoot, eventVerbosity: 'DETAIL' }
const { outcome } = await new SimulationOrchestrator(options).run()
process.stdout.write(`${outcome}\n`)
