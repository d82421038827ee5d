// Makes 25 run directories of one name and second, for a test of processes that do so at once.
import { createRunDirectory } from '../../dist/src/simulation/run-directory.js'

const at = new Date('2026-02-28T23:59:59.999Z')
for (let index = 0; index < 25; index++) {
  const { simulationId } = createRunDirectory(process.argv[2], { name: 'market' }, 6, at)
  process.stdout.write(`${simulationId}\n`)
}
