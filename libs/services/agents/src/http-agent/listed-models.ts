import { z } from "zod";

/** A model that an endpoint lists. */
export interface ListedModel {
  readonly id: string;
  /** Tokens that it takes; 0 where that is not said. */
  readonly contextTokens: number;
}

const list = z.object({
  data: z.array(
    z.object({
      id: z.string(),
      // vLLM, OpenRouter and others, LM Studio: OpenAI itself does not say.
      max_model_len: z.number().optional().catch(undefined),
      context_length: z.number().optional().catch(undefined),
      max_context_length: z.number().optional().catch(undefined),
    }),
  ),
});

/** The models of `GET /models`; undefined if that is no list of them. */
export function modelsOf(text: string): ListedModel[] | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined; // A page for people, from a server that has one for everything.
  }
  return list
    .safeParse(value)
    .data?.data.map(({ id, max_model_len, context_length, max_context_length }) => ({
      id,
      contextTokens: max_model_len ?? context_length ?? max_context_length ?? 0,
    }));
}
