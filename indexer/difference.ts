/** A place where the sidecar and the segments do not say the same. */
export interface Difference {
  readonly simulation_id?: string
  readonly segment?: string
  /** Bytes from the start of the segment. */
  readonly offset?: number
  readonly event_id?: string
  /** The row that is wrong, by the name of its table and its id. */
  readonly table?: string
  readonly row?: number
  readonly problem: string
}
