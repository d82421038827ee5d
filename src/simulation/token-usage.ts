import { z } from 'zod'

/** Tokens of one call to a model, as they are recorded. */
export interface TokenUsage {
  readonly input_tokens?: number | undefined
  readonly output_tokens?: number | undefined
}

const count = z.int().min(0).optional().catch(undefined)
const counts = z.object({
  // Anthropic, and OpenAI's Responses API
  input_tokens: count,
  output_tokens: count,
  // OpenAI's Chat Completions API
  prompt_tokens: count,
  completion_tokens: count,
  // Vercel's AI SDK
  inputTokens: count,
  outputTokens: count,
  promptTokens: count,
  completionTokens: count,
  // Google's Gemini API
  promptTokenCount: count,
  candidatesTokenCount: count,
})
const response = z.object({ usage: counts.optional(), usageMetadata: counts.optional() })

/** Finds the token counts in what the usual model APIs answer; undefined where there are none. */
export function findTokenUsage(result: unknown): TokenUsage | undefined {
  const usage = findCounts(result)
  if (usage === undefined) return undefined
  const input =
    usage.input_tokens ??
    usage.prompt_tokens ??
    usage.inputTokens ??
    usage.promptTokens ??
    usage.promptTokenCount
  const output =
    usage.output_tokens ??
    usage.completion_tokens ??
    usage.outputTokens ??
    usage.completionTokens ??
    usage.candidatesTokenCount
  if (input === undefined && output === undefined) return undefined
  return { input_tokens: input, output_tokens: output }
}

function findCounts(result: unknown): z.infer<typeof counts> | undefined {
  try {
    const { data } = response.safeParse(result)
    return data?.usage ?? data?.usageMetadata
  } catch {
    // An answer that throws when it is looked at has no counts for us, but is an answer.
    return undefined
  }
}
