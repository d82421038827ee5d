import { Worker } from 'node:worker_threads'
import type { FollowStatus } from '../api/route.js'
import { ERROR_CODES, type ErrorCode, TurnlogError } from '../src/errors.js'
import { YOUNG_GENERATION_MB } from '../indexer/decoder-thread-host.js'
import type { PassReport } from '../indexer/pass-report.js'
import type { Location } from './location.js'

/** What the following thread says of an error. */
export interface FollowProblem {
  readonly code?: string
  readonly message: string
  readonly hint?: string
}

/** What the following thread tells. */
export type FollowMessage =
  | { readonly kind: 'pass'; readonly report: PassReport }
  | ({ readonly kind: 'problem' | 'failed' } & FollowProblem)

/** What is followed, and whether it is made searchable. */
export interface FollowerOptions extends Location {
  readonly search: boolean
}

/** Follows a root in a thread of its own, so that ingest never holds up who answers requests. */
export class Follower {
  readonly #worker: Worker
  readonly #firstPass: Promise<void>
  readonly #ended: Promise<void>
  #lastPass: Date | undefined
  #problem: FollowProblem | undefined
  #following = true
  #eventsRead = 0

  /** @param onProblem called when a pass failed; following goes on unless `status` says otherwise */
  constructor(options: FollowerOptions, onProblem: (problem: FollowProblem) => void) {
    this.#worker = new Worker(new URL('./follow-thread.js', import.meta.url), {
      workerData: options,
      resourceLimits: { maxYoungGenerationSizeMb: YOUNG_GENERATION_MB },
    })
    this.#ended = new Promise((resolve) => {
      this.#worker.once('exit', () => {
        this.#following = false
        resolve()
      })
    })
    this.#firstPass = new Promise((resolve, reject) => {
      const fail = (problem: FollowProblem): void => {
        this.#problem = problem
        this.#following = false
        reject(asError(problem))
        if (this.#lastPass !== undefined) onProblem(problem)
      }
      this.#worker.on('message', (message: FollowMessage) => {
        if (message.kind === 'pass') {
          this.#problem = undefined
          this.#lastPass = new Date()
          this.#eventsRead += message.report.events
          resolve()
        } else if (message.kind === 'failed') {
          fail(message)
        } else {
          this.#problem = message
          onProblem(message)
        }
      })
      this.#worker.once('error', (error) => {
        fail({ message: error.message })
      })
    })
    // Who waits for the first pass hears of its failure; nobody has to.
    this.#firstPass.catch(() => undefined)
  }

  /**
   * Waits for the first pass, but not longer than `limitMs`.
   *
   * @returns whether it is over
   * @throws TurnlogError when the first pass failed
   */
  async waitForFirstPass(limitMs: number): Promise<boolean> {
    let timer: NodeJS.Timeout | undefined
    const limit = new Promise<false>((resolve) => {
      timer = setTimeout(resolve, limitMs, false)
    })
    try {
      return await Promise.race([this.#firstPass.then(() => true), limit])
    } finally {
      clearTimeout(timer)
    }
  }

  status(): FollowStatus {
    return {
      following: this.#following,
      last_pass: this.#lastPass?.toISOString() ?? null,
      problem: this.#problem?.message ?? null,
      events_read: this.#eventsRead,
    }
  }

  /** Ends following after the block under way; everything read up to then is kept. */
  async stop(): Promise<void> {
    if (this.#following) this.#worker.postMessage('stop')
    await this.#ended
  }
}

function asError({ code, message, hint }: FollowProblem): Error {
  if (code === undefined || !(code in ERROR_CODES)) return new Error(message)
  return new TurnlogError(code as ErrorCode, { message, ...(hint === undefined ? {} : { hint }) })
}
