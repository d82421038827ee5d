import autocannon from 'autocannon'
import { type Latency, summarize } from './measure.js'

/** What many requests at once come to. */
export interface RequestFigures {
  readonly requests: number
  /** Requests per second. */
  readonly rate: number
  /** From a request to the last byte of its answer, in microseconds. */
  readonly latency: Latency
  /** Answers of another status than 2xx, and requests without an answer. */
  readonly failed: number
  /** Of those, the ones that were given up. */
  readonly timeouts: number
}

/** How a server is put under load. */
export interface Load {
  readonly url: string
  readonly connections: number
  readonly seconds: number
  /** What is asked for; each connection goes round a part of its own. */
  readonly paths: readonly string[]
}

/** Asks over several connections at once, the next question as soon as one is answered. */
export async function sendRequests(load: Load): Promise<RequestFigures> {
  const samples: number[] = []
  const { duration, requests, non2xx, errors, timeouts } = await new Promise<autocannon.Result>(
    (resolve, reject) => {
      autocannon(optionsOf(load), (error: unknown, result) => {
        if (error === null) resolve(result)
        else reject(new Error(`put ${load.url} under load`, { cause: error }))
      }).on('response', (_client, _status, _bytes, milliseconds) => {
        samples.push(milliseconds)
      })
    },
  )
  // At the end, each connection may wait for an answer; autocannon does not tell of others that were lost.
  const lost = requests.sent - samples.length - load.connections
  return {
    requests: samples.length,
    rate: samples.length / duration,
    latency: summarize(Float64Array.from(samples)),
    failed: non2xx + Math.max(errors, lost),
    timeouts,
  }
}

function optionsOf({ url, connections, seconds, paths }: Load): autocannon.Options {
  const share = Math.floor(paths.length / connections)
  let connected = 0
  return {
    url,
    connections,
    duration: seconds,
    setupClient(client) {
      const first = share * connected++
      client.setRequests(paths.slice(first, first + share).map((path) => ({ method: 'GET', path })))
    },
  }
}
