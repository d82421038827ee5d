// Indexes a root in small blocks, for tests that kill it.
import { indexRoot } from '../../dist/indexer/index-root.js'

const [root, db] = process.argv.slice(2)
await indexRoot({ root, db, blockBytes: 2000, lockWaitMs: 20_000 })
