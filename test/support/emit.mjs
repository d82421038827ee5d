// Emits events and ends in the way its first argument says, for tests of how processes end.
import { createActionEvent, EventWriter } from '../../dist/src/index.js'

const [ending, outputDir] = process.argv.slice(2)
const writer = new EventWriter({ outputDir, simulationId: 'run' }).start()
let turnNumber = 0

/** Emits one event. @returns whether it was accepted */
function emit() {
  const event = { simulationId: 'run', turnNumber: ++turnNumber, agentId: 'a', actionType: 't' }
  return writer.emit(createActionEvent({ ...event, actionPayload: {} })) === 'accepted'
}

/** Emits in one go and tells how many were accepted. */
function emitMany(number) {
  let accepted = 0
  for (let index = 0; index < number; index++) if (emit()) accepted++
  process.stdout.write(`accepted ${accepted}\n`)
}

const endings = {
  exit() {
    emitMany(5_000)
    process.exit(3)
  },
  uncaught() {
    emitMany(5_000)
    throw new Error('uncaught')
  },
  rejection() {
    emitMany(5_000)
    void Promise.reject(new Error('unhandled'))
  },
  end() {
    emitMany(5_000)
  },
  signal() {
    emitMany(5_000)
    setTimeout(() => undefined, 60_000)
  },
  hosted() {
    process.on('SIGTERM', () => {
      emitMany(1)
      process.exit(7)
    })
    emitMany(5_000)
    setTimeout(() => undefined, 60_000)
  },
  async flush() {
    for (;;) {
      for (let index = 0; index < 50; index++) emit()
      await writer.flush()
      process.stdout.write(`flushed ${turnNumber}\n`)
    }
  },
}
await endings[ending]()
