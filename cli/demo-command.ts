import type { Command } from 'commander'
import { SERVER_SETTINGS } from '../src/settings.js'
import { addLocationOptions, locate } from './location.js'
import type { Output } from './output.js'
import { addSettings, readSettings } from './read-settings.js'

const { port } = SERVER_SETTINGS
const DEMO_SETTINGS = {
  port: { ...port, help: `${port.help}; a free one is taken when it is in use` },
}

interface DemoOptions {
  readonly once?: boolean
}

/** `turnlog demo`: a recorded, indexed and served simulation, and questions to it. */
export function addDemoCommand(program: Command, output: Output): void {
  const command = program
    .command('demo')
    .summary('record a small simulation, serve it, ask it questions')
    .description('Records a market of six traders, indexes it, serves it, and asks it questions.')
  addSettings(addLocationOptions(command), DEMO_SETTINGS)
    .option('--once', 'end when the questions are answered')
    .addHelpText(
      'after',
      `
Examples:
  $ turnlog demo
  $ turnlog demo --once --port 0`,
    )
    .action(async ({ once = false }: DemoOptions) => {
      const { runDemo } = await import('./demo/run-demo.js')
      await runDemo({ ...locate(command), ...readSettings(command, DEMO_SETTINGS), once }, output)
    })
}
