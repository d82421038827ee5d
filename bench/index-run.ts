/**
 * A process that indexes a root: takes an `IndexJob` as its argument, prints an
 * `IndexResult`.
 */
import { indexRoot } from '../indexer/index-root.js'
import { reindexRoot } from '../indexer/reindex.js'
import { indexJobSchema, type IndexResult } from './index-job.js'

const { how, root, db } = indexJobSchema.parse(JSON.parse(process.argv[2] ?? ''))
const { events, seconds } = await (how === 'incremental' ? indexRoot : reindexRoot)({ root, db })
const memory = process.resourceUsage().maxRSS * 1024
process.stdout.write(JSON.stringify({ events, seconds, memory } satisfies IndexResult))
