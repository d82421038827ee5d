// Follows a root in small blocks until it is killed, for tests that read meanwhile.
import { follow } from '../../dist/indexer/follow.js'

const [root, db] = process.argv.slice(2)
await follow({
  root,
  db,
  blockBytes: 4_000,
  orderSizes: { leafEvents: 16, leaves: 4 },
  tickMs: 1,
  discoveryMs: 20,
  signal: new AbortController().signal,
})
