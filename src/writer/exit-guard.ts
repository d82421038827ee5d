/** Something that must be brought to an end before the process is gone. */
export interface Flushable {
  /** Blocks until everything is written, but not much longer than to `deadline` (of `performance.now()`). */
  flushNow(deadline: number): void
}

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
const EXIT_TIMEOUT_MS = 10_000

const guarded = new Set<Flushable>()

/**
 * Flushes at the end of the process, however it comes: `process.exit`, an
 * uncaught exception, the end of the event loop, or a signal that ends it.
 */
export function guardExit(flushable: Flushable): void {
  if (guarded.size === 0) {
    process.on('exit', flushAll)
    // First, since a listener added with `once` no longer counts after its turn.
    for (const signal of SIGNALS) process.prependListener(signal, endBySignal)
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
  const deadline = performance.now() + EXIT_TIMEOUT_MS
  for (const flushable of guarded) flushable.flushNow(deadline)
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
