/** What a signal of {@link interruption} aborts with: thrown by a command, it ends with exit code 130. */
export class Interrupted extends Error {}

let interrupted = false

/** Whether a signal of {@link interruption} has aborted. */
export function wasInterrupted(): boolean {
  return interrupted
}

/** A signal that aborts when the process is asked to end, by Ctrl-C or by SIGTERM; with {@link Interrupted}. */
export function interruption(): AbortSignal {
  const controller = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      interrupted = true
      controller.abort(new Interrupted('interrupted'))
    })
  }
  return controller.signal
}

/** Resolves once a signal has aborted; at once when it has already, while something was begun. */
export async function untilAborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return
  await new Promise((resolve) => {
    signal.addEventListener('abort', resolve, { once: true })
  })
}
