/**
 * A process that indexes a root: takes an `IndexJob` as its argument, prints an
 * `IndexResult`.
 */
import { indexRoot } from '../indexer/index-root.js'
import { reindexRoot } from '../indexer/reindex.js'
import { type IndexJob, indexJobSchema, type IndexResult } from './index-job.js'

async function run({ how, root, db }: IndexJob): Promise<Pick<IndexResult, 'events' | 'seconds'>> {
  if (how === 'incremental') return indexRoot({ root, db })
  if (how === 'reindex') return reindexRoot({ root, db })
  const { search } = await indexRoot({ root, db, search: true })
  if (search === undefined) throw new Error('nothing was made searchable')
  return search
}

const { events, seconds } = await run(indexJobSchema.parse(JSON.parse(process.argv[2] ?? '')))
const memory = process.resourceUsage().maxRSS * 1024
process.stdout.write(JSON.stringify({ events, seconds, memory } satisfies IndexResult))
