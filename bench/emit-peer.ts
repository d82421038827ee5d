/**
 * A process that measures one peer with one pattern, so that each has a heap
 * nobody used before: takes an `EmitJob` as its argument, prints an
 * `EmitResult`, and fails when the file has not exactly what the peer took.
 */
import { setImmediate } from 'node:timers/promises'
import { countLines } from './count-lines.js'
import { type EmitJob, emitJobSchema, type EmitResult, type Pattern } from './emit-job.js'
import { summarize } from './measure.js'
import { MemoryMeter } from './memory-meter.js'
import { type Peer, PEER_KINDS } from './peers.js'

const WARM_UP_EVENTS = 200_000
/** Events between two looks at the memory, and in bursts between two turns of the event loop. */
const STRETCH: Readonly<Record<Pattern, number>> = { 'tight loop': 10_000, bursts: 1000 }

async function measure({ peer: name, pattern, events, directory }: EmitJob): Promise<EmitResult> {
  const kind = PEER_KINDS[name]
  // Pages count as memory once they are touched.
  const samples = new Float64Array(events).fill(-1)
  for (let index = 0; index < WARM_UP_EVENTS; index++) kind.build(index)

  const meter = new MemoryMeter()
  const peer = await kind.open(directory)
  const startedAt = performance.now()
  let accepted = 0
  for (let from = 0; from < events; from += STRETCH[pattern]) {
    accepted += emitStretch(peer, samples.subarray(from, from + STRETCH[pattern]), from)
    meter.poll()
    if (pattern === 'bursts') await setImmediate()
  }
  const ownLines = await peer.end()
  const seconds = (performance.now() - startedAt) / 1000
  const memory = meter.stop()

  const { lines, bytes } = countLines(directory)
  const dropped = events - accepted
  if (lines !== accepted + ownLines || ownLines > dropped) {
    throw new Error(
      `${name}, ${pattern}: took ${accepted} events and dropped ${dropped}, ` +
        `but the file has ${lines} lines, ${ownLines} of them its own`,
    )
  }
  const { p50, p99, p999 } = summarize(samples)
  return { p50, p99, p999, rate: accepted / seconds, dropped, memory, bytesPerLine: bytes / lines }
}

/** Emits an event for each sample and times it. @returns how many were taken */
function emitStretch(peer: Peer, samples: Float64Array, from: number): number {
  let accepted = 0
  let before = performance.now()
  for (let index = 0; index < samples.length; index++) {
    if (peer.emit(from + index)) accepted++
    const after = performance.now()
    samples[index] = after - before
    before = after
  }
  return accepted
}

const result = await measure(emitJobSchema.parse(JSON.parse(process.argv[2] ?? '')))
process.stdout.write(JSON.stringify(result))
