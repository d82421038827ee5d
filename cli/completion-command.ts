import { Argument, type Command } from 'commander'
import { SCRIPTS, type Shell, SHELLS } from './completion/scripts.js'
import { type Output, writeLine } from './output.js'

/** `turnlog completion`: what a shell reads to complete turnlog's command lines. */
export function addCompletionCommand(program: Command, output: Output): void {
  program
    .command('completion')
    .summary('print what makes a shell complete turnlog')
    .description(
      'Prints a script for the shell, which then completes commands, flags, event types and the names of runs.',
    )
    .addArgument(new Argument('<shell>', 'the shell that is to read it').choices(SHELLS))
    .addHelpText(
      'after',
      `
Examples:
  $ turnlog completion bash >> ~/.bashrc
  $ turnlog completion zsh > "\${fpath[1]}/_turnlog"
  $ turnlog completion fish > ~/.config/fish/completions/turnlog.fish`,
    )
    .action((shell: Shell) => {
      output.out.write(SCRIPTS[shell])
    })
  program
    .command('complete', { hidden: true })
    .description('Prints what may stand at the end of a command line, for the scripts.')
    .addArgument(new Argument('<shell>').choices(SHELLS))
    .argument('<line>')
    .action(async (shell: Shell, line: string) => {
      const { completeLine } = await import('./completion/complete-line.js')
      for (const found of completeLine(program, shell, line)) writeLine(output.out, found)
    })
}
