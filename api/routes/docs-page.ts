import { readFile } from 'node:fs/promises'
import { z } from 'zod'
import { noQuery } from '../parameters.js'
import { defineRoute, type Route } from '../route.js'

const PAGE = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>turnlog API</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/docs/swagger-ui.css">
</head>
<body>
<div id="api"></div>
<script src="/docs/swagger-ui-bundle.js"></script>
<script src="/docs/start.js"></script>
</body>
</html>
`

const START = `SwaggerUIBundle({
  url: '/openapi.json',
  dom_id: '#api',
  deepLinking: true,
  validatorUrl: null,
})
`

/** `GET /docs`: the OpenAPI document as a page to try it on, whole without any other server. */
export const docsPageRoutes: readonly Route[] = [
  servePart('/docs', 'text/html; charset=utf-8', () => PAGE),
  servePart('/docs/start.js', 'text/javascript; charset=utf-8', () => START),
  servePart('/docs/swagger-ui-bundle.js', 'text/javascript; charset=utf-8', () =>
    readAsset('swagger-ui-bundle.js'),
  ),
  servePart('/docs/swagger-ui.css', 'text/css; charset=utf-8', () => readAsset('swagger-ui.css')),
]

function servePart(
  path: string,
  contentType: string,
  answer: () => string | Promise<string>,
): Route {
  return defineRoute({
    path,
    operationId: `get${path}`,
    summary: 'Part of the page at /docs.',
    query: noQuery,
    response: z.string(),
    contentType,
    readsSidecar: false,
    open: true,
    internal: true,
    answer,
  })
}

/** The build puts them beside this code. */
function readAsset(name: string): Promise<string> {
  return readFile(new URL(`../docs-assets/${name}`, import.meta.url), 'utf8')
}
