import { type Command } from 'commander'
import { SERVER_SETTINGS } from '../src/settings.js'
import type { DemoOptions } from './demo/run-demo.js'
import { addLocationOptions } from './location.js'
import type { Output } from './output.js'
import { parsePort } from './serve-command.js'

/** `turnlog demo`: a recorded, indexed and served simulation, and questions to it. */
export function addDemoCommand(program: Command, output: Output): void {
  const { port } = SERVER_SETTINGS
  addLocationOptions(
    program
      .command('demo')
      .summary('record a small simulation, serve it, ask it questions')
      .description(
        'Records a market of six traders, indexes it, serves it, and asks it questions.',
      ),
  )
    .option(
      port.flag,
      `${port.help}; a free one is taken when it is in use`,
      parsePort,
      port.default,
    )
    .option('--once', 'end when the questions are answered')
    .addHelpText(
      'after',
      `
Examples:
  $ turnlog demo
  $ turnlog demo --once --port 0`,
    )
    .action(async (options: DemoOptions) => {
      const { runDemo } = await import('./demo/run-demo.js')
      await runDemo(options, output)
    })
}
