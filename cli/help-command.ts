import type { Command } from 'commander'
import { nearestName } from '../src/nearest-name.js'

/** `turnlog help`: what `--help` prints, of a command by its name. */
export function addHelpCommand(program: Command): void {
  program
    .command('help')
    .summary('print the help of a command')
    .description('Prints what a command takes, as `turnlog COMMAND --help` does.')
    .argument('[command]', 'name of the command')
    .action((name: string | undefined) => {
      if (name === undefined) return program.help()
      const command = program.commands.find((one) => one.name() === name)
      if (command !== undefined) return command.help()
      const shown = program.createHelp().visibleCommands(program)
      const names = shown.map((one) => one.name())
      const nearest = nearestName(name, names)
      const hint = nearest === undefined ? '' : `\n(Did you mean ${nearest}?)`
      return program.error(`error: unknown command '${name}'${hint}`)
    })
}
