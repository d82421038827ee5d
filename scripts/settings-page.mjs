// Prints docs/settings.md from the settings themselves: `npm run settings-page` writes it.
import { format, resolveConfig } from 'prettier'
import { LOCATION_SETTINGS, SERVER_SETTINGS } from '../dist/src/settings.js'

const rows = Object.values({ ...LOCATION_SETTINGS, ...SERVER_SETTINGS }).map(
  ({ flag, environment, default: fallback, help }) => {
    const shown = fallback === undefined || fallback === '' ? '' : `\`${fallback}\``
    return `| \`${flag}\` | \`${environment}\` | ${shown} | ${help.replaceAll(/<\S+[^\s;]/g, '`$&`')} |`
  },
)

const page = `# Settings

What \`turnlog serve\` can be told; \`--root\` and \`--db\` go for every command, \`--no-search\` for \`index\` and
\`reindex\` as well. This page is written by \`npm run settings-page\` from \`src/settings.ts\`, as \`turnlog serve --help\`
is.

A flag comes before its environment variable, and that before the default. An environment variable that is empty counts
as not set. The variable of a switch is \`true\` or \`false\`: \`TURNLOG_FOLLOW=false\` is \`--no-follow\`. A value that is
wrong ends the command with exit code 2 and a line that names the flag or the variable.

| flag | environment | default | meaning |
| --- | --- | --- | --- |
${rows.join('\n')}
`
const config = await resolveConfig('docs/settings.md')
process.stdout.write(await format(page, { ...config, parser: 'markdown' }))
