/**
 * What docs/format.md says of a line, written down once more and by itself:
 * nothing of turnlog is used to say whether turnlog keeps to it.
 */

type Fields = Readonly<Record<string, unknown>>
type Rule = (value: unknown) => boolean

const isText: Rule = (value) => typeof value === 'string' && value.length > 0
const isObject: Rule = (value) =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
const isCount: Rule = (value) => Number.isSafeInteger(value) && Number(value) >= 0
const isTexts: Rule = (value) => Array.isArray(value) && value.every(isText)
const isAnything: Rule = () => true

function oneOf(...words: readonly string[]): Rule {
  return (value) => typeof value === 'string' && words.includes(value)
}

function matches(pattern: RegExp): Rule {
  return (value) => typeof value === 'string' && pattern.test(value)
}

const TYPES = ['MILESTONE', 'DECISION', 'ACTION', 'STATE', 'DETAIL', 'SYSTEM']

const REQUIRED: Readonly<Record<string, Rule>> = {
  event_id: matches(/^[0-7][0-9ABCDEFGHJKMNPQRSTVWXYZ]{25}$/),
  timestamp: matches(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}\+00:00$/),
  turn_number: isCount,
  event_type: oneOf(...TYPES),
  simulation_id: isText,
}

const OPTIONAL: Readonly<Record<string, Rule>> = {
  agent_id: isText,
  caused_by: isTexts,
  description: (value) => typeof value === 'string' && Array.from(value).length <= 500,
  details: isObject,
}

const DETAILS: Readonly<Record<string, { required: Fields; optional: Fields }>> = {
  MILESTONE: {
    required: {
      milestone_type: oneOf(
        'turn_start',
        'turn_end',
        'phase_transition',
        'simulation_start',
        'simulation_end',
      ),
    },
    optional: {},
  },
  DECISION: {
    required: { decision_type: isText },
    optional: { old_value: isAnything, new_value: isAnything },
  },
  ACTION: {
    required: { action_type: isText, action_payload: isObject },
    optional: { interaction_type: isText, participating_agent_ids: isTexts },
  },
  STATE: {
    required: { variable_name: isText, old_value: isAnything, new_value: isAnything },
    optional: { scope: oneOf('global', 'agent') },
  },
  DETAIL: {
    required: { calculation_type: isText, intermediate_values: isObject },
    optional: {},
  },
  SYSTEM: {
    required: { status: oneOf('success', 'failure', 'retry', 'warning') },
    optional: { error_type: isText, retry_count: isCount },
  },
}

/** What is wrong with a line; nothing, where it keeps to the format. */
export function faultsOf(line: string): string[] {
  const event = JSON.parse(line) as Fields
  const faults = [
    ...broken(event, REQUIRED, OPTIONAL),
    ...Object.keys(event).filter((key) => !(key in REQUIRED) && !(key in OPTIONAL)),
  ]
  const type = String(event['event_type'])
  const hasAgent = event['agent_id'] !== undefined
  if (['DECISION', 'ACTION'].includes(type) && !hasAgent) faults.push('agent_id is required')
  if (['MILESTONE', 'SYSTEM'].includes(type) && hasAgent) faults.push('agent_id is not allowed')
  const { required = {}, optional = {} } = DETAILS[type] ?? {}
  faults.push(...broken((event['details'] ?? {}) as Fields, required, optional))
  const order = [...Object.keys(REQUIRED), ...Object.keys(OPTIONAL)]
  const places = Object.keys(event).map((key) => order.indexOf(key))
  if (places.some((place, index) => place < (places[index - 1] ?? 0))) faults.push('order of keys')
  return faults
}

function broken(fields: Fields, required: Fields, optional: Fields): string[] {
  const faults: string[] = []
  for (const [key, rule] of Object.entries({ ...required, ...optional }) as [string, Rule][]) {
    const isGiven = key in fields
    if (isGiven ? !rule(fields[key]) : key in required) {
      faults.push(`${key}: ${JSON.stringify(fields[key])}`)
    }
  }
  return faults
}
