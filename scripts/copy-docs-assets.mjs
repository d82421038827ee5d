// Puts what the page at /docs is made of beside the built code, so that who installs turnlog needs no package for it.
import { copyFileSync, mkdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const source = dirname(fileURLToPath(import.meta.resolve('swagger-ui-dist/package.json')))
const target = fileURLToPath(new URL('../dist/api/docs-assets', import.meta.url))
mkdirSync(target, { recursive: true })
for (const name of [
  'swagger-ui-bundle.js',
  'swagger-ui-bundle.js.LICENSE.txt',
  'swagger-ui.css',
  'LICENSE',
  'NOTICE',
]) {
  copyFileSync(join(source, name), join(target, name))
}
