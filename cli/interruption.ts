/** What a signal of {@link interruption} aborts with: thrown by a command, it ends with exit code 130. */
export class Interrupted extends Error {}

/** A signal that aborts when the process is asked to end, by Ctrl-C or by SIGTERM; with {@link Interrupted}. */
export function interruption(): AbortSignal {
  const controller = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      controller.abort(new Interrupted('interrupted'))
    })
  }
  return controller.signal
}
