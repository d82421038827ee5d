/** Every operation of the API, by its operationId: where it is asked for. */
export const OPERATIONS = {
  getHealth: '/health',
  listSimulations: '/simulations',
  getSimulation: '/simulations/{simulation_id}',
  listEvents: '/simulations/{simulation_id}/events',
  followEvents: '/simulations/{simulation_id}/events/stream',
  getEvent: '/simulations/{simulation_id}/events/{event_id}',
  countHistogram: '/simulations/{simulation_id}/histogram',
  listAgents: '/simulations/{simulation_id}/agents',
  listVariables: '/simulations/{simulation_id}/variables',
  readVariable: '/simulations/{simulation_id}/variables/{name}',
  traceCausality: '/simulations/{simulation_id}/causality/{event_id}',
  findCausalPath: '/simulations/{simulation_id}/causality/{event_id}/path/{effect_id}',
  compareRuns: '/compare',
  getMetrics: '/metrics',
  getOpenApi: '/openapi.json',
} as const

/** One of the keys of {@link OPERATIONS}. */
export type Operation = keyof typeof OPERATIONS

/** Values for the places in a path, by name. */
export type PathParameters = Readonly<Record<string, string>>

/**
 * The path of an operation, with its query.
 *
 * @throws TypeError when a parameter cannot be asked for
 */
export function spellPath(operation: Operation, parameters: PathParameters, query: object): string {
  const path = OPERATIONS[operation].replaceAll(/\{(\w+)\}/g, (_place, name: string) =>
    spellSegment(name, parameters[name] ?? ''),
  )
  const search = spellQuery(query)
  return search === '' ? path : `${path}?${search}`
}

/** URLs resolve dots, encoded or not, and would ask for something else. */
function spellSegment(name: string, value: string): string {
  if (['', '.', '..'].includes(value)) {
    throw new TypeError(`${name} cannot be ${JSON.stringify(value)}: no URL has a place for it`)
  }
  // As it stands it is the stream of events; the event that is called so is at another spelling.
  return value === 'stream' ? '%73tream' : encodeURIComponent(value)
}

/** Lists are spelled as repeated keys; what is undefined is left out. */
function spellQuery(query: object): string {
  const spelled = new URLSearchParams()
  for (const [key, value] of Object.entries<unknown>({ ...query })) {
    if (value === undefined) continue
    const values: readonly unknown[] = Array.isArray(value) ? value : [value]
    // Left out, it would find everything; what was asked for is nothing.
    if (values.length === 0)
      throw new TypeError(`${key} is an empty list: leave it out, or name some`)
    for (const each of values) spelled.append(key, spellValue(each))
  }
  return spelled.toString()
}

function spellValue(value: unknown): string {
  return value instanceof Date ? value.toISOString() : String(value)
}
