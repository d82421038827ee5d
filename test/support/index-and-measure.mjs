// Indexes a root and prints the report and the peak memory. A third argument stops it at the first look.
import { indexRoot } from '../../dist/indexer/index-root.js'

const [root, db, stop] = process.argv.slice(2)
const report = await indexRoot({ root, db, shouldStop: () => stop !== undefined })
const maxRssBytes = process.resourceUsage().maxRSS * 1024
process.stdout.write(JSON.stringify({ report, maxRssBytes }))
