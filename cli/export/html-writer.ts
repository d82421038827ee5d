import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { TurnlogError } from '../../src/errors.js'
import type { EventText } from '../../src/query/event-row.js'
import type { ByteSink, RunWriter } from './run-writer.js'

/** More than that, and no browser shows the page at once. */
export const MAX_PAGE_EVENTS = 100_000
const MAX_PAGE_CHARACTERS = 128 * 1024 * 1024

/**
 * Writes a run as one page that asks nobody for anything: events, script and style are
 * in it, and its policy lets nothing else run or load.
 *
 * @throws TurnlogError QUERY_TOO_BROAD from `write`, for more than a browser can take
 */
export function createHtmlWriter(sink: ByteSink, simulationId: string): RunWriter {
  const [before = '', behind = ''] = composeFrame(simulationId)
  let events = 0
  let characters = 0
  sink.write(before)
  return {
    write(texts: readonly EventText[]) {
      events += texts.length
      for (const text of texts) characters += text.length
      if (events > MAX_PAGE_EVENTS || characters > MAX_PAGE_CHARACTERS) throw tooMany(simulationId)
      sink.write(texts.map((text) => `${embed(text)}\n`).join(''))
    },
    end() {
      sink.write(behind)
    },
  }
}

function tooMany(simulationId: string): TurnlogError {
  return new TurnlogError('QUERY_TOO_BROAD', {
    message: `export ${simulationId} as a page: it has more than ${MAX_PAGE_EVENTS} events or ${MAX_PAGE_CHARACTERS / 1024 / 1024} MiB`,
    hint: 'take fewer of them with filters or --limit, or another format',
  })
}

/**
 * An event as it can stand within a script element: the same JSON value, on one line, and
 * without the character that markup begins with.
 */
function embed(text: EventText): string {
  // Outside of strings, JSON has no `<`; within, it has no raw carriage return.
  return text.replaceAll('<', '\\u003c').replaceAll('\r', ' ')
}

/** What stands before the events, and what behind. */
function composeFrame(simulationId: string): string[] {
  const script = readPart('page.js')
  const style = readPart('page.css')
  const policy = [
    "default-src 'none'",
    `script-src '${hashOf(script)}'`,
    `style-src '${hashOf(style)}'`,
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ')
  const name = escapeHtml(simulationId)
  const parts: Readonly<Record<string, string>> = {
    policy: `<meta http-equiv="Content-Security-Policy" content="${policy}" />`,
    title: `<title>${name} – turnlog</title>`,
    style: `<style>${style}</style>`,
    heading: `<h1>${name}</h1>`,
    events: `<script type="application/x-ndjson" id="events">\n<!-- events --></script>`,
    script: `<script>${script}</script>`,
  }
  return readPart('page.html')
    .replaceAll(/<!-- (\w+) -->/g, (_, part: string) => parts[part] ?? '')
    .split('<!-- events -->')
}

function readPart(name: string): string {
  return readFileSync(new URL(`page/${name}`, import.meta.url), 'utf8')
}

function hashOf(text: string): string {
  return `sha256-${createHash('sha256').update(text).digest('base64')}`
}

function escapeHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;')
}
