import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { createContext, runInContext } from 'node:vm'
import ts from 'typescript'

/** What a module finds around it in browsers, as far as it is used. */
const WEB_GLOBALS = {
  AbortController,
  AbortSignal,
  Headers,
  ReadableStream,
  Response,
  TextDecoder,
  URL,
  URLSearchParams,
  clearTimeout,
  fetch,
  setTimeout,
}

type Exports = Readonly<Record<string, unknown>>
type RunModule = (exported: object, load: (specifier: string) => Exports) => void

/**
 * A world that has what browsers have and nothing of Node: no process, no Buffer, no built-in
 * modules. Built modules are run in it as they are but for the spelling of their imports.
 */
export class WebContext {
  readonly #globals: Record<string, unknown> = { ...WEB_GLOBALS }
  readonly #context
  readonly #modules = new Map<string, Exports>()

  constructor() {
    this.#context = createContext(this.#globals)
  }

  /** Runs a module and what it imports. @param file its path */
  load(file: string): Exports {
    const known = this.#modules.get(file)
    if (known !== undefined) return known
    const exported = {}
    this.#modules.set(file, exported)
    const { outputText } = ts.transpileModule(readFileSync(file, 'utf8'), {
      compilerOptions: { module: ts.ModuleKind.CommonJS, target: ts.ScriptTarget.ES2023 },
    })
    const run = runInContext(
      `(function (exports, require) {${outputText}\n})`,
      this.#context,
    ) as RunModule
    run(exported, (specifier) => this.load(join(dirname(file), specifier)))
    return exported
  }

  /** Runs a script that sees the exports of a module by their names. */
  async run(script: string, exported: Exports, given: Exports): Promise<unknown> {
    Object.assign(this.#globals, exported, given)
    const running: unknown = runInContext(`(async () => {${script}\n})()`, this.#context)
    return await running
  }
}
