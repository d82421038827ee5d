/** Something that must be brought to an end before the process is gone. */
export interface Flushable {
  /** Blocks until everything is written, but not much longer than to `deadline` (of `performance.now()`). */
  flushNow(deadline: number): void
}

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
const EXIT_TIMEOUT_MS = 10_000

const guarded = new Set<Flushable>()

/** The listeners of every copy of this module in the process: they do not keep each other from ending it. */
const GUARDS = Symbol.for('turnlog.exit-guards')
/** Where the package signal-exit, as polite as we are, counts its own; of releases 4 and 3. */
const SIGNAL_EXIT = Symbol.for('signal-exit emitter')

/**
 * Flushes at the end of the process, however it comes: `process.exit`, an
 * uncaught exception, the end of the event loop, or a signal that ends it.
 */
export function guardExit(flushable: Flushable): void {
  if (guarded.size === 0) {
    process.on('exit', flushAll)
    // First, since a listener added with `once` no longer counts after its turn.
    for (const signal of SIGNALS) process.prependListener(signal, endBySignal)
    guards().add(endBySignal)
  }
  guarded.add(flushable)
}

/** Undoes {@link guardExit}. */
export function unguardExit(flushable: Flushable): void {
  guarded.delete(flushable)
  if (guarded.size > 0) return
  process.off('exit', flushAll)
  for (const signal of SIGNALS) process.off(signal, endBySignal)
  guards().delete(endBySignal)
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
  const others = process.listeners(signal).filter((listener) => !guards().has(listener))
  if (others.length > signalExitListeners()) return
  flushAll()
  process.off(signal, endBySignal)
  process.kill(process.pid, signal)
}

function guards(): Set<unknown> {
  const shared: unknown = Reflect.get(globalThis, GUARDS)
  if (shared instanceof Set) return shared
  const own = new Set()
  Reflect.set(globalThis, GUARDS, own)
  return own
}

function signalExitListeners(): number {
  const emitters: unknown[] = [
    Reflect.get(globalThis, SIGNAL_EXIT),
    Reflect.get(process, '__signal_exit_emitter__'),
  ]
  return emitters.reduce<number>((sum, emitter) => {
    const isEmitter = typeof emitter === 'object' && emitter !== null && 'count' in emitter
    return sum + (isEmitter ? Number(emitter.count) : 0)
  }, 0)
}
