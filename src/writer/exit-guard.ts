/** Something that must be brought to an end before the process is gone. */
export interface Flushable {
  /** Blocks until everything is written, but not for ever. */
  flushNow(): void
}

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

const guarded = new Set<Flushable>()

/**
 * Flushes at the end of the process, however it comes: `process.exit`, an
 * uncaught exception, the end of the event loop, or a signal that ends it.
 */
export function guardExit(flushable: Flushable): void {
  if (guarded.size === 0) {
    process.on('exit', flushAll)
    for (const signal of SIGNALS) process.on(signal, endBySignal)
  }
  guarded.add(flushable)
}

/** Undoes {@link guardExit}. */
export function unguardExit(flushable: Flushable): void {
  guarded.delete(flushable)
  if (guarded.size > 0) return
  process.off('exit', flushAll)
  for (const signal of SIGNALS) process.off(signal, endBySignal)
}

function flushAll(): void {
  for (const flushable of guarded) flushable.flushNow()
}

/**
 * Where nobody else listens for a signal, it ends the process as it would have
 * without us. Where somebody does, that is theirs to decide, and `exit` comes later.
 */
function endBySignal(signal: NodeJS.Signals): void {
  if (process.listenerCount(signal) > 1) return
  flushAll()
  process.off(signal, endBySignal)
  process.kill(process.pid, signal)
}
