import { type MessagePort, parentPort, workerData } from 'node:worker_threads'
import { DrainLoop, type ThreadData } from './drain-loop.js'

function main(port: MessagePort): void {
  new DrainLoop(workerData as ThreadData, (message) => {
    port.postMessage(message)
  }).run()
}

if (parentPort !== null) main(parentPort)
