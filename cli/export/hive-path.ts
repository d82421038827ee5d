/** What Hive spells with a percent sign in the name of a partition. */
// eslint-disable-next-line no-control-regex -- control characters are among them
const ESCAPED = /[\u0000-\u001f"#%'*/:=?\\\u007f{}[\]^]/g

/** The directory of a run within a partitioned data set, as Hive names it: `simulation_id=market-1`. */
export function partitionName(simulationId: string): string {
  return `simulation_id=${simulationId.replaceAll(ESCAPED, percentEncoded)}`
}

function percentEncoded(character: string): string {
  return `%${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`
}
