import type { RequestHandler, Response } from 'express'
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client'
import { TurnlogError } from '../src/errors.js'
import { getTotals, type SidecarTotals } from '../src/query/get-totals.js'
import { listSimulations, type SimulationItem } from '../src/query/list-simulations.js'
import type { SidecarReader } from '../src/sidecar/sidecar-reader.js'
import { matchedRoute } from './matched-route.js'

/** What a server tells Prometheus of itself and of the sidecar. */
export class Metrics {
  readonly #registry = new Registry()
  readonly #durations = new Histogram({
    name: 'turnlog_http_request_duration_seconds',
    help: 'From the arrival of a request to the end of its answer; of a stream, to its beginning.',
    labelNames: ['method', 'route', 'status'],
    buckets: [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10],
    registers: [this.#registry],
  })
  /** Of requests under way: takes their time. */
  readonly #stops = new WeakMap<Response, () => void>()
  readonly #streams = this.#gauge('turnlog_streams', 'Streams of events that are open.')
  readonly #read = new Counter({
    name: 'turnlog_read_events_total',
    help: 'Events read into the sidecar by this process.',
    registers: [this.#registry],
  })
  readonly #up = this.#gauge('turnlog_sidecar_up', 'Whether the sidecar can be read.')
  readonly #lag = this.#gauge('turnlog_lag_bytes', 'Bytes of segments that are not indexed.')
  readonly #searchLag = this.#gauge(
    'turnlog_search_lag_events',
    'Events that cannot be searched yet.',
  )
  readonly #simulations = this.#gauge('turnlog_simulations', 'Runs in the sidecar.')
  readonly #segments = this.#gauge('turnlog_segments', 'Segments in the sidecar.')
  readonly #events = this.#gauge('turnlog_events', 'Events of a run.', ['simulation_id'])
  readonly #rejects = this.#gauge('turnlog_rejects', 'Lines of a run that are no events.', [
    'simulation_id',
  ])

  constructor() {
    collectDefaultMetrics({ register: this.#registry })
  }

  /** Takes the time of each request. A path nothing is at counts as one route, whatever it is. */
  readonly observe: RequestHandler = (request, response, next) => {
    const end = this.#durations.startTimer()
    this.#stops.set(response, () => {
      const { method } = request
      end({ method, route: matchedRoute(response) ?? 'none', status: response.statusCode })
    })
    response.once('close', () => {
      this.#stop(response)
    })
    next()
  }

  /** Counts a stream that begins while it is open. How long somebody listens says nothing of the server. */
  countStream(response: Response): void {
    this.#stop(response)
    this.#streams.inc()
    response.once('close', () => {
      this.#streams.dec()
    })
  }

  #stop(response: Response): void {
    this.#stops.get(response)?.()
    this.#stops.delete(response)
  }

  /**
   * Everything there is to tell now, in the text format of Prometheus.
   *
   * @param eventsRead since the process began
   */
  async text(reader: SidecarReader, eventsRead: number): Promise<string> {
    this.#show(await readSidecar(reader))
    this.#read.reset()
    this.#read.inc(eventsRead)
    return this.#registry.metrics()
  }

  #show(state: SidecarState | undefined): void {
    const totalsOnly = [this.#lag, this.#searchLag, this.#simulations, this.#segments]
    for (const gauge of totalsOnly) gauge.remove()
    for (const gauge of [this.#events, this.#rejects]) gauge.reset()
    this.#up.set(state === undefined ? 0 : 1)
    if (state === undefined) return
    const { totals, runs } = state
    this.#lag.set(totals.lag_bytes)
    this.#searchLag.set(totals.search_lag_events)
    this.#simulations.set(totals.simulations)
    this.#segments.set(totals.segments)
    for (const { id, event_count: events, reject_count: rejects } of runs) {
      this.#events.set({ simulation_id: id }, events)
      this.#rejects.set({ simulation_id: id }, rejects)
    }
  }

  #gauge(name: string, help: string, labelNames: string[] = []): Gauge {
    return new Gauge({ name, help, labelNames, registers: [this.#registry] })
  }
}

interface SidecarState {
  readonly totals: SidecarTotals
  readonly runs: readonly SimulationItem[]
}

/** Undefined where the sidecar cannot be read: that is worth a figure, not a failure. */
async function readSidecar(reader: SidecarReader): Promise<SidecarState | undefined> {
  try {
    return await reader.read(async (snapshot) => ({
      totals: await getTotals(snapshot),
      runs: await listSimulations(snapshot),
    }))
  } catch (error) {
    if (error instanceof TurnlogError) return undefined
    throw error
  }
}
