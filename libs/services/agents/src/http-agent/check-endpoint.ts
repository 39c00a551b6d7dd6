import type { Endpoint } from "./endpoint.ts";
import { resourceOf, shown } from "./endpoint-address.ts";
import type { HttpAgentIntroduction } from "./introduction.ts";

/** The request by which a node looks at the endpoint without a word to its model, and what it is told. */
export const CHECK_METHOD = "_clawmatrix.dev/check_endpoint";

/** Models that are named. */
const SHOWN_MODELS = 20;

export interface CheckedEndpoint {
  /** Where prompts are sent. */
  readonly endpoint: string;
  readonly model: string;
  /** The models that it lists, or the first of them; undefined where it lists none. */
  readonly models?: readonly string[];
  /** Whether the model is among all that it lists. Some take others as well, under further names. */
  readonly listed?: boolean;
}

/** Asks for the models: that finds a wrong address and a wrong key, and costs nothing. @throws EndpointFailure */
export async function checkEndpoint(
  endpoint: Endpoint,
  { url }: HttpAgentIntroduction,
  signal: AbortSignal,
): Promise<CheckedEndpoint> {
  const models = await endpoint.models(signal);
  const ids = models?.map(({ id }) => id);
  return {
    endpoint: shown(resourceOf(url, "chat/completions")),
    model: endpoint.model,
    ...(ids !== undefined && { models: ids.slice(0, SHOWN_MODELS), listed: ids.includes(endpoint.model) }),
  };
}
