import type { ExportFigures } from './export.js'
import { megabytes, number } from './format-figure.js'

/** The part of the report about exporting, as Markdown. */
export function describeExport({ events, formats }: ExportFigures): string {
  const rows = formats.map(
    ({ format, rate, size, memory }) =>
      `| ${format} | ${number(rate)} | ${megabytes(size)} | ${megabytes(memory)} |`,
  )
  return `## Export

A run of ${number(events)} events is exported from its sidecar, as \`turnlog export\` does, each format
once in a process of its own.

| | events/s | MB written | peak memory, MB |
|---|---|---|---|
${rows.join('\n')}
`
}
