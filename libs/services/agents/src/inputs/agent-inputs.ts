import type { AcpParams } from "@clawmatrix/acp-wire";
import { AcpErrorCode } from "@clawmatrix/acp-wire";
import { AcpRefusal } from "../acp/acp-error.ts";
import type { PermissionDefault } from "../agent-settings.ts";
import type { SessionFacts } from "../sessions/session-facts.ts";
import type { EventBody } from "../sessions/session-journal.ts";
import {
  CANCELLED_PERMISSION,
  CANCELLED_QUESTION,
  DECLINED_QUESTION,
  type InputKind,
  type Outcome,
  selected,
} from "./input-answer.ts";
import type { InputDesk, Settlement } from "./input-desk.ts";
import { choiceOfPolicy, optionsOf } from "./permission-choice.ts";

/** What an input needs of the session whose agent asks. */
export interface InputHost {
  readonly sessionId: string;
  readonly agentId: string;
  readonly desk: InputDesk;
  readonly policy: PermissionDefault;
  readonly facts: SessionFacts;
  append(body: EventBody): void;
  /** Somebody is waited for, or not any more. */
  stateChanged(): void;
}

/** Settles ACP's session/request_permission: by the policy, by the first person who answers, or by nobody in time. */
export async function askPermission(
  host: InputHost,
  params: AcpParams,
  signal: AbortSignal,
): Promise<Outcome> {
  const options = optionsOf(params.values);
  const id = host.desk.newId();
  host.append({ case: "permissionAsked", value: { id, requestJson: params.bytes } });
  const choose = (policy: PermissionDefault): Outcome | undefined => {
    const choice = choiceOfPolicy(policy, options, host.facts.toolKind(params.values.toolCall));
    return choice === "cancelled" ? CANCELLED_PERMISSION : choice && selected(choice.optionId);
  };
  const outcome = choose(host.policy);
  if (outcome !== undefined) return byPolicy(host, id, outcome);
  const denied = (): Outcome => choose("deny") ?? CANCELLED_PERMISSION;
  return await byPerson(host, id, { kind: "permission", options }, { params, signal, denied });
}

/** Settles ACP's elicitation/create. A policy cannot answer a question; one that denies declines it. */
export async function askQuestion(host: InputHost, params: AcpParams, signal: AbortSignal): Promise<Outcome> {
  const id = host.desk.newId();
  host.append({ case: "questionAsked", value: { id, requestJson: params.bytes } });
  if (host.policy === "deny") return byPolicy(host, id, DECLINED_QUESTION);
  return await byPerson(host, id, { kind: "question" }, { params, signal, denied: () => CANCELLED_QUESTION });
}

function byPolicy(host: InputHost, id: string, outcome: Outcome): Outcome {
  host.append({ case: "answered", value: { id, outcomeJson: outcome, how: "policy" } });
  return outcome;
}

async function byPerson(
  host: InputHost,
  id: string,
  input: InputKind,
  { params, signal, denied }: { params: AcpParams; signal: AbortSignal; denied: () => Outcome },
): Promise<Outcome> {
  const onSettled = ({ how, outcome, by }: Settlement): void => {
    host.append({ case: "answered", value: { id, outcomeJson: outcome, how, by: by?.watcher } });
    host.stateChanged();
  };
  const { sessionId, agentId } = host;
  const asked = host.desk.ask(
    { id, sessionId, agentId, input, requestJson: params.bytes },
    { onTimeout: denied, onSettled, signal },
  );
  host.stateChanged();
  const { outcome } = await asked;
  if (signal.aborted) throw new AcpRefusal(AcpErrorCode.requestCancelled, "the request was cancelled");
  return outcome;
}
