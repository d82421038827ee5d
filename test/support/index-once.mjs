// Indexes a root in small blocks, and makes it searchable, for tests that kill it; with a thread that decodes if a third argument says so.
import { indexRoot } from '../../dist/indexer/index-root.js'

const [root, db, thread] = process.argv.slice(2)
const threadFromBytes = thread === 'thread' ? 0 : Infinity
await indexRoot({ root, db, blockBytes: 2000, threadFromBytes, lockWaitMs: 20_000, search: true })
