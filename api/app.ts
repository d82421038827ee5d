import { setMaxListeners } from 'node:events'
import express, { type Express, type NextFunction, type Request, type Response } from 'express'
import helmet from 'helmet'
import type { Logger } from 'pino'
import { LongReads } from '../src/query/long-reads.js'
import type { ServerSettings } from '../src/settings.js'
import { RecordedRuns } from '../src/store/recorded-runs.js'
import { logRequests } from './access-log.js'
import { checkHost } from './allowed-host.js'
import { addRoute } from './answer-route.js'
import { requireToken } from './authentication.js'
import { compressAnswers } from './compression.js'
import { allowOrigins } from './cross-origin.js'
import { LiveRuns } from './live-runs.js'
import { Metrics } from './metrics.js'
import { createOpenApiDocument } from './openapi.js'
import { ApiError, toApiError, toProblem } from './problem.js'
import { identifyRequest, requestIdOf } from './request-id.js'
import { limitRate, limitSize } from './request-limits.js'
import type { ApiDependencies } from './route.js'
import { routes } from './routes/index.js'
import { STREAM_TIMES } from './run-stream.js'

/** What an app makes of its parts. */
type MadeHere =
  | 'runs'
  | 'longReads'
  | 'queryLimitMs'
  | 'liveRuns'
  | 'streamTimes'
  | 'stallLimitMs'
  | 'metrics'
  | 'openApi'

/** What an app is made from. */
export interface AppParts
  extends Omit<ApiDependencies, MadeHere>, Partial<Pick<ApiDependencies, 'streamTimes'>> {
  readonly logger: Logger
  readonly settings: AppSettings
}

/** The settings an app obeys. */
export interface AppSettings extends Pick<
  ServerSettings,
  | 'host'
  | 'allowedHosts'
  | 'corsOrigins'
  | 'rateLimit'
  | 'maxUrlBytes'
  | 'queryTimeout'
  | 'stallTimeout'
> {
  /** Bearer tokens; without one, nobody is asked for any. */
  readonly tokens: readonly string[]
}

/** The HTTP interface, ready to be listened with. It reads the sidecar and nothing else. */
export function createApp({ logger, settings, ...parts }: AppParts): Express {
  const metrics = new Metrics()
  const app = express()
  app.disable('x-powered-by')
  // Not every answer is to have one: routes say which.
  app.disable('etag')
  // An event may have the id STREAM.
  app.enable('case sensitive routing')
  app.use(identifyRequest, metrics.observe, logRequests(logger), setSafetyHeaders)
  app.use(checkHost(settings.host, settings.allowedHosts), allowOrigins(settings.corsOrigins))
  if (settings.rateLimit > 0) app.use(limitRate(settings.rateLimit))
  app.use(limitSize(settings.maxUrlBytes), compressAnswers)

  const openApi = JSON.stringify(createOpenApiDocument(routes, parts.version))
  // Every stream that is open ends with it.
  setMaxListeners(0, parts.closing)
  const { reader } = parts
  const longReads = new LongReads(reader.path)
  const dependencies: ApiDependencies = {
    streamTimes: STREAM_TIMES,
    ...parts,
    runs: new RecordedRuns({ reader, longReads }),
    longReads,
    queryLimitMs: settings.queryTimeout * 1_000,
    liveRuns: new LiveRuns(reader),
    stallLimitMs: settings.stallTimeout * 1_000,
    metrics,
    openApi,
  }
  const authenticate = requireToken(settings.tokens)
  for (const route of routes) addRoute(app, route, dependencies, authenticate)

  app.use((request) => {
    throw new ApiError('NOT_FOUND', `there is nothing at ${request.path}`)
  })
  app.use(answerErrors(logger))
  return app
}

/** Everything comes from this server, and nothing may frame it. It speaks plain HTTP: no HSTS. */
const setSafetyHeaders = helmet({
  strictTransportSecurity: false,
  xFrameOptions: { action: 'deny' },
  contentSecurityPolicy: {
    useDefaults: false,
    directives: {
      defaultSrc: ["'self'"],
      styleSrc: ["'self'", "'unsafe-inline'"],
      imgSrc: ["'self'", 'data:'],
      objectSrc: ["'none'"],
      baseUri: ["'none'"],
      formAction: ["'none'"],
      frameAncestors: ["'none'"],
    },
  },
})

/** Express knows an error handler by its four parameters. */
function answerErrors(logger: Logger) {
  // eslint-disable-next-line @typescript-eslint/no-unused-vars -- the fourth
  return (error: unknown, _request: Request, response: Response, _next: NextFunction): void => {
    const apiError = toApiError(error)
    const requestId = requestIdOf(response)
    const entry = { request_id: requestId, code: apiError.code, err: error }
    if (apiError.code === 'INTERNAL') logger.error(entry, 'failed to answer')
    else if (response.headersSent) logger.warn(entry, 'cut off an answer')
    if (response.headersSent) {
      response.destroy()
      return
    }
    response
      .status(apiError.status)
      .set({ 'Cache-Control': 'no-store', ...apiError.headers })
      .type('application/problem+json')
      .send(JSON.stringify(toProblem(apiError, requestId)))
  }
}
