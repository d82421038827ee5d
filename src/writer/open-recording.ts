import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { TurnlogError } from '../errors.js'
import { LineEncoder } from '../event/line-encoder.js'
import { ProcessLock } from '../process-lock.js'
import { errnoName } from './drain-loop.js'
import { LossReporter } from './loss-reporter.js'
import { createQueueMemory, THREAD_STATES } from './shared-queue.js'
import type { WriterSettings } from './writer-options.js'
import { type HostMessage, WriterThread } from './writer-thread-host.js'

/** The file in a run's directory that is locked by its writer. */
export const WRITER_LOCK = '.writer.lock'

/** What a writer has from its start on. */
export interface Recording {
  readonly thread: WriterThread
  readonly lock: ProcessLock
  readonly losses: LossReporter
  /** Spells straight into the queue's memory. */
  readonly encoder: LineEncoder
}

/**
 * Makes the run's directory, takes its lock and starts the writing thread,
 * which has the active segment open when this returns.
 *
 * @throws TurnlogError WRITER_LOCKED or WRITER_FAILED; nothing is held then
 */
export function openRecording(directory: string, settings: WriterSettings): Recording {
  const lock = acquireLock(directory)
  try {
    const { simulationId, logger } = settings
    const thread = startThread(directory, settings, (message) => {
      hear(message)
    })
    const losses = new LossReporter(simulationId, logger, thread)
    const hear = (message: HostMessage): void => {
      switch (message.kind) {
        case 'write-failed':
          logger.warn({ simulationId }, `turnlog cannot write and tries again: ${message.message}`)
          break
        case 'died':
          logger.error({ simulationId }, `turnlog's writing thread died: ${message.message}`)
          break
        case 'rotated':
          logger.debug?.({ simulationId, segment: message.segment }, 'turnlog sealed a segment')
          break
        case 'recovered':
          losses.record()
          break
        case 'flushed':
        case 'stopped':
      }
    }
    const { verbosity } = settings
    logger.info?.({ simulationId, directory, verbosity }, 'turnlog records')
    return { thread, lock, losses, encoder: new LineEncoder(thread.queue.bytes) }
  } catch (error) {
    lock.release()
    throw error
  }
}

/** The error for a run that cannot be recorded, or not any more. */
export function failedToRecord(
  directory: string,
  why: string,
  hint: string,
  cause?: unknown,
): TurnlogError {
  const message = `record into ${directory}: ${why}`
  return new TurnlogError('WRITER_FAILED', { message, hint, cause })
}

function acquireLock(directory: string): ProcessLock {
  let lock: ProcessLock | undefined
  try {
    mkdirSync(directory, { recursive: true })
    lock = ProcessLock.tryAcquire(join(directory, WRITER_LOCK))
  } catch (cause) {
    throw cannotStart(directory, cause)
  }
  if (lock !== undefined) return lock
  throw new TurnlogError('WRITER_LOCKED', {
    message: `record into ${directory}: another writer is at work there`,
    hint: 'stop it, or record under another simulationId',
  })
}

function startThread(
  directory: string,
  { maxQueueSize, maxQueueBytes, maxFileSize, durability }: WriterSettings,
  onMessage: (message: HostMessage) => void,
): WriterThread {
  let thread: WriterThread
  try {
    const memory = createQueueMemory(maxQueueSize, maxQueueBytes)
    thread = new WriterThread({ memory, directory, maxFileSize, durability }, onMessage)
  } catch (cause) {
    throw cannotStart(directory, cause)
  }
  if (thread.state === THREAD_STATES.running) return thread
  // One that was only too slow must not start behind our back.
  thread.askStop('now')
  const errno = thread.word('errno')
  throw cannotStart(directory, errno === 0 ? 'the writing thread did not start' : errnoName(errno))
}

function cannotStart(directory: string, cause: unknown): TurnlogError {
  const why = cause instanceof Error ? cause.message : String(cause)
  const hint = 'check that outputDir can be written and the disk has room'
  return failedToRecord(directory, why, hint, cause)
}
