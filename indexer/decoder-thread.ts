import { type MessagePort, parentPort } from 'node:worker_threads'
import { systemErrorCode } from '../src/errors.js'
import type { DecoderFailure, DecoderMessage, DecoderOrder } from './decoder-thread-host.js'
import { allocateBlock, prepareBlocks } from './prepare-blocks.js'
import { type PreparedBlock, transferables } from './prepare-block.js'

/** Reads and decodes what it is asked for, as far ahead as there is room; see `DecoderThread`. */
function main(port: MessagePort): void {
  let blocks: Iterator<PreparedBlock, void, void> | undefined
  let room = 0
  /** What blocks that were written before stood in. */
  const spare: ArrayBuffer[] = []
  const allocate = (size: number): Buffer<ArrayBuffer> => {
    const bytes = spare.pop()
    return bytes !== undefined && bytes.byteLength >= size
      ? Buffer.from(bytes)
      : allocateBlock(size)
  }
  const end = (failure?: DecoderFailure): void => {
    blocks = undefined
    const message: DecoderMessage = { kind: 'end', ...(failure === undefined ? {} : { failure }) }
    port.postMessage(message)
  }
  const prepare = (): void => {
    try {
      for (; blocks !== undefined && room > 0; room--) {
        const { done, value: block } = blocks.next()
        if (done === true) {
          end()
          return
        }
        const message: DecoderMessage = { kind: 'block', block }
        port.postMessage(message, transferables(block))
      }
    } catch (error) {
      end(describe(error))
    }
  }
  port.on('message', (order: DecoderOrder) => {
    switch (order.kind) {
      case 'read':
        blocks = prepareBlocks(order.request, allocate)
        room = order.room
        prepare()
        break
      case 'room':
        spare.push(order.bytes)
        room++
        prepare()
        break
      case 'stop':
        // After the last block the end was told already, and is what the host takes for the answer.
        if (blocks !== undefined) end()
        break
    }
  })
}

function describe(error: unknown): DecoderFailure {
  const message = error instanceof Error ? error.message : String(error)
  const code = systemErrorCode(error)
  return code === undefined ? { message } : { message, code, syscall: 'read' }
}

if (parentPort !== null) main(parentPort)
