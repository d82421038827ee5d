import { describeEvent } from '../event-label.js'

/** The lines in a box of a drawing; undefined stands for an event that the run does not have. */
export function labelLines(id: string, event: string | undefined): string[] {
  if (event === undefined) return [id, 'missing']
  const { turn, what, agent, says } = describeEvent(event)
  return [what, [turn, agent].filter((part) => part !== '').join(', '), says, id].filter(
    (line) => line !== '',
  )
}
