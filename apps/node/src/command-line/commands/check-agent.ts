import { StatusCode, StatusError } from "@clawmatrix/protocol";
import type { CommandContext } from "../context.ts";
import { parseShape } from "../turn/acp-shapes.ts";
import { namedAgent } from "./named-agent.ts";

/** `clawmatrix agents check AGENT[@NODE]`: starts it once, and shows what it can and how long each phase takes. */
export async function checkAgent(context: CommandContext, text: string): Promise<void> {
  const { output, signal } = context;
  const { agentId, node } = await namedAgent(context, text);
  const client = (await context.connect()).agents(node.id);
  const phases: object[] = [];
  let failure: { phase: string; error: string; stderrTail: string } | undefined;
  for await (const result of client.checkAgent({ agentId }, { signal })) {
    const { phase, tookMs, responseJson, error, stderrTail } = result;
    phases.push({
      phase,
      tookMs,
      ok: error === "",
      ...(responseJson.length === 0 ? {} : { response: parseShape(responseJson) }),
      ...(error === "" ? {} : { error, stderr: stderrTail }),
    });
    if (error !== "") failure = result;
    if (output.json) continue;
    const mark = error === "" ? output.style("green", "✓") : output.style("red", "✗");
    output.line(`${mark} ${phase.padEnd(16)} ${tookMs} ms`);
    const line = (text: string): void => output.line(`    ${text}`);
    if (phase === "initialize") describeCapabilities(parseShape(responseJson), line);
    if (phase === "endpoint" && error === "") describeEndpoint(parseShape(responseJson), line);
  }
  if (output.json) output.document({ agent: agentId, node: node.name, ok: failure === undefined, phases });
  if (failure === undefined) return;
  if (failure.stderrTail !== "")
    output.note(`its last words on standard error:\n${failure.stderrTail.trimEnd()}`);
  throw new StatusError(
    StatusCode.FAILED_PRECONDITION,
    `${agentId}@${node.name} failed at ${failure.phase}: ${failure.error}`,
    {
      reason: "agent-check-failed",
    },
  );
}

interface InitializeShape {
  readonly agentInfo?: { readonly name?: string; readonly title?: string; readonly version?: string };
  readonly agentCapabilities?: Readonly<Record<string, unknown>>;
  readonly authMethods?: readonly { readonly id?: string; readonly name?: string }[];
}

interface EndpointShape {
  readonly endpoint?: string;
  readonly model?: string;
  readonly models?: readonly string[];
  readonly listed?: boolean;
}

function describeEndpoint(
  { endpoint = "?", model = "?", models, listed }: EndpointShape,
  line: (text: string) => void,
): void {
  line(`${model} at ${endpoint}`);
  if (models === undefined)
    line("it lists no models, so whether it has this one shows with the first prompt");
  else if (listed !== true) line(`not among the models that it lists: ${models.join(", ")}`);
}

function describeCapabilities(
  { agentInfo, agentCapabilities = {}, authMethods = [] }: InitializeShape,
  line: (text: string) => void,
): void {
  if (agentInfo !== undefined)
    line(`${agentInfo.title ?? agentInfo.name ?? "?"} ${agentInfo.version ?? ""}`.trimEnd());
  for (const [name, value] of Object.entries(agentCapabilities))
    line(`${name}: ${typeof value === "object" ? JSON.stringify(value) : value}`);
  if (authMethods.length > 0)
    line(`signs in by: ${authMethods.map(({ id, name }) => name ?? id).join(", ")}`);
}
