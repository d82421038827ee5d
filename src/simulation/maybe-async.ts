/** A value that is there, or will be. */
export type MaybeAsync<T> = T | Promise<T>

/** Goes on with a value: at once where it is there, so that what is synchronous stays so. */
export function andThen<T, R>(
  value: MaybeAsync<T>,
  next: (value: T) => MaybeAsync<R>,
): MaybeAsync<R> {
  return isPromise(value) ? value.then(next) : next(value)
}

/** Whether a value will be there later; promises of other makes count, too. */
export function isPromise<T>(value: MaybeAsync<T>): value is Promise<T> {
  return (
    typeof value === 'object' &&
    value !== null &&
    'then' in value &&
    typeof value.then === 'function'
  )
}

/**
 * Runs a task for each item, in order, with at most `limit` of them waiting at
 * a time; at once where no task has to wait.
 */
export function forEachOf<T>(
  items: readonly T[],
  limit: number,
  task: (item: T) => MaybeAsync<void>,
): MaybeAsync<void> {
  const rest = items.values()
  const work = (): MaybeAsync<void> => {
    for (let next = rest.next(); next.done !== true; next = rest.next()) {
      const result = task(next.value)
      if (isPromise(result)) return result.then(work)
    }
  }
  const waiting: Promise<void>[] = []
  while (waiting.length < Math.min(limit, items.length)) {
    // A failure joins those that wait, so that none of theirs goes unheard later.
    const result = waiting.length === 0 ? work() : Promise.resolve().then(work)
    if (!isPromise(result)) break
    waiting.push(result)
  }
  if (waiting.length > 0) return Promise.all(waiting).then(() => undefined)
}

/**
 * Waits for a promise, but not for one that takes no notice of the signal.
 *
 * @throws what the promise is rejected with, or the signal's reason
 */
export function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = (): void => {
      reject(signal.reason as Error)
    }
    if (signal.aborted) abort()
    signal.addEventListener('abort', abort)
    promise.then(resolve, reject).finally(() => {
      signal.removeEventListener('abort', abort)
    })
  })
}
