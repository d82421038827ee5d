// Emits events and ends in the way its first argument says, for tests of how processes end.
import { onExit } from 'signal-exit'
import { createActionEvent, EventWriter } from '../../dist/src/index.js'

const [ending, outputDir] = process.argv.slice(2)
if (ending === 'polite before') onExit(() => undefined)
if (ending === 'once') process.once('SIGTERM', () => setTimeout(endAsHost))
const maxQueueSize = ending === 'losses' ? 10 : 10_000
const writer = new EventWriter({ outputDir, simulationId: 'run', maxQueueSize }).start()
let turnNumber = 0
process.on('exit', tellAccount)

/** Emits one event. @returns whether it was accepted */
function emit() {
  const event = { simulationId: 'run', turnNumber: ++turnNumber, agentId: 'a', actionType: 't' }
  return writer.emit(createActionEvent({ ...event, actionPayload: {} })) === 'accepted'
}

/** Tells what the writer says of itself. */
function tellAccount() {
  process.stdout.write(`account ${JSON.stringify(writer.stats())}\n`)
}

/** Emits in one go and tells how many were accepted. */
function emitMany(number) {
  let accepted = 0
  for (let index = 0; index < number; index++) if (emit()) accepted++
  tellAccount()
  process.stdout.write(`accepted ${accepted}\n`)
}

/** What a host of its own mind does at a signal. */
function endAsHost() {
  emitMany(1)
  process.exit(7)
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
    process.on('SIGTERM', endAsHost)
    endings.signal()
  },
  once() {
    endings.signal()
  },
  'polite before'() {
    endings.signal()
  },
  polite() {
    onExit(() => undefined)
    endings.signal()
  },
  async copies() {
    const copy = await import('../../dist/src/writer/exit-guard.js?copy')
    copy.guardExit({ flushNow: () => process.stdout.write('copy flushed\n') })
    endings.signal()
  },
  late() {
    process.on('exit', () => emitMany(1))
    process.on('exit', tellAccount)
    endings.exit()
  },
  async stopped() {
    emitMany(5_000)
    await writer.stop()
    // Nothing else holds the process open while it waits, so each wait must do so itself.
    for (let round = 0; round < 10; round++) {
      const again = new EventWriter({ outputDir, simulationId: `again-${round}` }).start()
      await again.stop()
    }
    process.stdout.write('stopped\n')
  },
  stopping() {
    emitMany(5_000)
    void writer.stop()
    process.exit(3)
  },
  losses() {
    endings.exit()
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
