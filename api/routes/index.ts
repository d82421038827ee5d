import type { Route } from '../route.js'
import { compareRunsRoute } from './compare-runs.js'
import { countHistogramRoute } from './count-histogram.js'
import { docsPageRoutes } from './docs-page.js'
import { findCausalPathRoute } from './find-causal-path.js'
import { followEventsRoute } from './follow-events.js'
import { getEventRoute } from './get-event.js'
import { getSimulationRoute } from './get-simulation.js'
import { healthRoute } from './health.js'
import { listAgentsRoute } from './list-agents.js'
import { listEventsRoute } from './list-events.js'
import { listSimulationsRoute } from './list-simulations.js'
import { listVariablesRoute } from './list-variables.js'
import { metricsRoute } from './metrics.js'
import { openApiRoute } from './openapi-document.js'
import { readVariableRoute } from './read-variable.js'
import { traceCausalityRoute } from './trace-causality.js'

/** Every endpoint, in the order in which the documentation shows them. */
export const routes: readonly Route[] = [
  healthRoute,
  listSimulationsRoute,
  getSimulationRoute,
  listEventsRoute,
  // Before the events by their ids: none of them is found by the name of the stream.
  followEventsRoute,
  getEventRoute,
  countHistogramRoute,
  listAgentsRoute,
  listVariablesRoute,
  readVariableRoute,
  traceCausalityRoute,
  findCausalPathRoute,
  compareRunsRoute,
  metricsRoute,
  openApiRoute,
  ...docsPageRoutes,
]
