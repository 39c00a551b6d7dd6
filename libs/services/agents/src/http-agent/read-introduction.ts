import { z } from "zod";
import { HTTP_AGENT_KEY, type HttpAgentIntroduction } from "./introduction.ts";

const introduction = z.object({
  url: z.url({ protocol: /^https?$/ }),
  model: z.string().min(1),
  apiKey: z.string(),
  headers: z.record(z.string(), z.string()),
  system: z.string(),
  silenceMs: z.number().positive(),
  stateDirectory: z
    .string()
    .startsWith("/")
    .or(z.string().regex(/^[A-Za-z]:[\\/]|^\\\\/)),
});

/** What the node has told of the endpoint. @throws Error without any of its values: one of them is a secret. */
export function readIntroduction(meta: unknown): HttpAgentIntroduction {
  const told = z.record(z.string(), z.unknown()).safeParse(meta).data?.[HTTP_AGENT_KEY];
  const read = introduction.safeParse(told);
  if (read.success) return read.data;
  const wrong = read.error.issues.map(({ path }) => path.join(".") || "all of it").join(", ");
  throw new Error(
    `This agent serves an endpoint of which a ClawMatrix node has to tell it in initialize; what it was told is not right: ${wrong}.`,
  );
}
