import { once } from 'node:events'
import { appendFileSync, createWriteStream } from 'node:fs'
import { join } from 'node:path'
import { pino } from 'pino'
import { EventWriter } from '../src/writer/event-writer.js'
import { buildPlainEvent, buildTurnlogEvent, SIMULATION_ID } from './emit-events.js'
import type { PeerName } from './emit-job.js'

/** Something that writes events to a `.jsonl` file. */
export interface Peer {
  /** Builds an event and hands it over. @returns whether it was taken */
  emit(index: number): boolean
  /** Resolves when all that was taken is in the file. @returns lines written beyond those */
  end(): Promise<number>
}

interface PeerKind {
  /** Builds an event the way `emit` does. */
  build(index: number): object
  /** Opens one that writes below an empty directory. */
  open(directory: string): Peer | Promise<Peer>
}

/** Each peer, as someone with a simulation to record would set it up. */
export const PEER_KINDS: Readonly<Record<PeerName, PeerKind>> = {
  turnlog: { build: buildTurnlogEvent, open: openTurnlog },
  pino: { build: buildPlainEvent, open: openPino },
  createWriteStream: { build: buildPlainEvent, open: openStream },
  appendFileSync: { build: buildPlainEvent, open: openAppend },
}

/** With its defaults: a queue of 10,000 events, and what finds no room in it is dropped. */
function openTurnlog(outputDir: string): Peer {
  const writer = new EventWriter({ outputDir, simulationId: SIMULATION_ID }).start()
  let accepted = 0
  return {
    emit(index) {
      const isAccepted = writer.emit(buildTurnlogEvent(index)) === 'accepted'
      if (isAccepted) accepted++
      return isAccepted
    },
    async end() {
      const { complete, stats } = await writer.stop()
      if (!complete) throw new Error(`turnlog left ${stats.queued} events unwritten`)
      // The log tells of what was dropped.
      return stats.written - accepted
    },
  }
}

/** Without fields of its own but the level, since a line without that is no JSON. */
async function openPino(directory: string): Promise<Peer> {
  const dest = join(directory, 'pino.jsonl')
  const destination = pino.destination({ dest, sync: false, minLength: 4096 })
  await once(destination, 'ready')
  const logger = pino({ base: null, timestamp: false }, destination)
  return {
    emit(index) {
      logger.info(buildPlainEvent(index))
      return true
    },
    async end() {
      const closed = once(destination, 'close')
      destination.end()
      await closed
      return 0
    },
  }
}

async function openStream(directory: string): Promise<Peer> {
  const stream = createWriteStream(join(directory, 'stream.jsonl'))
  await once(stream, 'open')
  return {
    emit(index) {
      stream.write(`${JSON.stringify(buildPlainEvent(index))}\n`)
      return true
    },
    async end() {
      const finished = once(stream, 'finish')
      stream.end()
      await finished
      return 0
    },
  }
}

function openAppend(directory: string): Peer {
  const file = join(directory, 'append.jsonl')
  return {
    emit(index) {
      appendFileSync(file, `${JSON.stringify(buildPlainEvent(index))}\n`)
      return true
    },
    end: () => Promise.resolve(0),
  }
}
