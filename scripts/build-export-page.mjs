// Makes what `turnlog export --format html` writes beside the events: one script of the page's modules, its style and its frame.
import { copyFileSync, mkdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { rolldown } from 'rolldown'

const source = fileURLToPath(new URL('../cli/export/page', import.meta.url))
const target = fileURLToPath(new URL('../dist/cli/export/page', import.meta.url))
mkdirSync(target, { recursive: true })
const bundle = await rolldown({
  input: `${source}/main.ts`,
  tsconfig: `${source}/tsconfig.json`,
})
await bundle.write({ file: `${target}/page.js`, format: 'iife' })
await bundle.close()
for (const name of ['page.html', 'page.css']) copyFileSync(`${source}/${name}`, `${target}/${name}`)
