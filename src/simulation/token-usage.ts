import { z } from 'zod'

/** Tokens of one call to a model, as they are recorded. */
export interface TokenUsage {
  readonly input_tokens?: number | undefined
  readonly output_tokens?: number | undefined
}

const count = z.int().min(0).optional().catch(undefined)
const tokens = z.object({ input_tokens: count, output_tokens: count })
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
const reported = counts.optional().catch(undefined)
const response = z.object({ usage: reported, usageMetadata: reported })

/** Finds the token counts in what the usual model APIs answer; undefined where there are none. */
export function findTokenUsage(result: unknown): TokenUsage | undefined {
  const { usage, usageMetadata } = response.safeParse(result).data ?? {}
  return tokensIn(usage) ?? tokensIn(usageMetadata)
}

/**
 * The token counts of a call, found in any way; a count that is none is left
 * out, and a way that fails finds none: the call has worked all the same.
 */
export function countTokens<R>(
  result: R,
  usage: (result: R) => TokenUsage | undefined,
): TokenUsage | undefined {
  try {
    return tokens.safeParse(usage(result)).data
  } catch {
    return undefined
  }
}

function tokensIn(usage: z.infer<typeof reported>): TokenUsage | undefined {
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
