import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js'
import formats from 'ajv-formats'
import { expect } from 'vitest'
import { z } from 'zod'
import type { Answer } from './api-client.js'

const response = z.object({
  headers: z.record(z.string(), z.object({ required: z.boolean() })),
  content: z.record(z.string(), z.object({ schema: z.record(z.string(), z.unknown()) })).optional(),
})

/** What these tests read of an OpenAPI document; whether it is one, a validator says. */
export const documentShape = z.object({
  openapi: z.string(),
  info: z.object({ version: z.string() }),
  paths: z.record(
    z.string(),
    z.object({
      get: z.object({
        operationId: z.string(),
        security: z.array(z.record(z.string(), z.array(z.string()))),
        parameters: z
          .array(
            z.object({
              name: z.string(),
              in: z.enum(['path', 'query']),
              required: z.boolean(),
              schema: z.object({
                type: z.enum(['string', 'integer', 'array', 'object']),
                format: z.string().optional(),
                minimum: z.int().optional(),
                maximum: z.int().optional(),
                enum: z.array(z.string()).optional(),
                default: z.union([z.string(), z.int()]).optional(),
                items: z.object({ enum: z.array(z.string()).optional() }).optional(),
              }),
            }),
          )
          .optional(),
        responses: z.record(z.string(), response),
      }),
    }),
  ),
  components: z.object({ schemas: z.record(z.string(), z.unknown()) }),
})

/** Holds answers against an OpenAPI document, as a client made from it would. */
export class DocumentedApi {
  readonly document: z.infer<typeof documentShape>
  readonly #ajv: Ajv2020
  readonly #validators = new Map<string, ValidateFunction>()

  constructor(text: string) {
    const parsed: unknown = JSON.parse(text)
    this.document = documentShape.parse(parsed)
    this.#ajv = new Ajv2020({ strict: true, allErrors: true, allowUnionTypes: true })
    formats.default(this.#ajv)
    // The document around the schemas is none itself.
    this.#ajv.addVocabulary(['openapi', 'info', 'servers', 'paths', 'components', 'webhooks'])
    this.#ajv.addSchema({ $id: 'api', ...z.record(z.string(), z.unknown()).parse(parsed) })
  }

  /** The template of the endpoint a path asks for. */
  templateOf(path: string): string | undefined {
    const [asked = ''] = path.split('?')
    return Object.keys(this.document.paths)
      .sort((a, b) => Number(a.includes('{')) - Number(b.includes('{')))
      .find((template) => matches(template, asked))
  }

  /** Expects an answer that the document has, down to the last key of the body. */
  expectDocumented(path: string, answer: Answer): void {
    const template = this.templateOf(path)
    if (template === undefined) {
      this.expectProblem(answer)
      return
    }
    const status = answer.status.toString()
    const described = this.document.paths[template]?.get.responses[status]
    expect(described, `${status} of GET ${template}`).toBeDefined()
    for (const [header, { required }] of Object.entries(described?.headers ?? {})) {
      if (!required) continue
      expect(answer.headers, `${status} of GET ${template}`).toHaveProperty([header.toLowerCase()])
    }
    const types = Object.keys(described?.content ?? {})
    const [type] = z.string().optional().parse(answer.headers['content-type'])?.split(';') ?? []
    if (type === undefined) {
      expect(types, `${status} of GET ${template}`).toEqual([])
      return
    }
    expect(types, `${status} of GET ${template}`).toContain(type)
    const pointer = ['paths', template, 'get', 'responses', status, 'content', type, 'schema']
    this.#expectValid(pointer, /[+/]json$/.test(type) ? JSON.parse(answer.text) : answer.text)
  }

  /** Expects a refusal as the document describes them all. */
  expectProblem({ text, headers }: Answer): void {
    expect(headers['content-type']).toMatch(/^application\/problem\+json/)
    this.#expectValid(['components', 'schemas', 'Problem'], JSON.parse(text))
  }

  #expectValid(pointer: readonly string[], body: unknown): void {
    const steps = pointer.map((step) =>
      encodeURIComponent(step.replaceAll('~', '~0').replaceAll('/', '~1')),
    )
    const reference = `api#/${steps.join('/')}`
    const validate = this.#validators.get(reference) ?? this.#ajv.compile({ $ref: reference })
    this.#validators.set(reference, validate)
    const valid = validate(body)
    expect({ reference, valid, errors: validate.errors }).toMatchObject({ valid: true })
  }
}

function matches(template: string, path: string): boolean {
  return new RegExp(`^${template.replaceAll('.', '\\.').replaceAll(/\{\w+\}/g, '[^/]+')}/?$`).test(
    path,
  )
}
