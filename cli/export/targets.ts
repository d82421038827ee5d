import { dirname, join } from 'node:path'
import type { ExportFormat } from './format-names.js'
import { partitionName } from './hive-path.js'

/** The directory that is written where several files come of an export and no name is given. */
const DEFAULT_DIRECTORY = 'export'

/** Which file each run goes into, and the directory that holds them all. */
export interface Targets {
  readonly directory: string
  /** By run. */
  readonly files: ReadonlyMap<string, string>
}

/**
 * Parquet makes a directory partitioned by run. Of the other formats, one run is a
 * file, and several are a directory of files.
 *
 * @param output as it was given
 */
export function findTargets(
  format: ExportFormat,
  runs: readonly string[],
  output: string | undefined,
): Targets {
  const [only = ''] = runs
  if (format !== 'parquet' && runs.length === 1) {
    const file = output ?? `${only}.${format}`
    return { directory: dirname(file), files: new Map([[only, file]]) }
  }
  const directory = output ?? DEFAULT_DIRECTORY
  const nameOf = (run: string): string =>
    format === 'parquet' ? join(partitionName(run), 'part-0.parquet') : `${run}.${format}`
  return { directory, files: new Map(runs.map((run) => [run, join(directory, nameOf(run))])) }
}
