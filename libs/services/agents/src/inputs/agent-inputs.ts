import type { AcpParams } from "@clawmatrix/acp-wire";
import { AcpErrorCode } from "@clawmatrix/acp-wire";
import { AcpRefusal } from "../acp/acp-error.ts";
import type { PermissionDefault } from "../agent-settings.ts";
import type { SessionFacts } from "../sessions/session-facts.ts";
import type { EventBody } from "../sessions/session-journal.ts";
import { type Decision, decide } from "./decide-permission.ts";
import { firstRule } from "./first-rule.ts";
import {
  CANCELLED_PERMISSION,
  CANCELLED_QUESTION,
  DECLINED_QUESTION,
  type InputKind,
  type Outcome,
  selected,
} from "./input-answer.ts";
import type { InputDesk, Settlement } from "./input-desk.ts";
import { choiceOf, optionsOf } from "./permission-choice.ts";
import type { PermissionSettings } from "./permission-settings.ts";

/** What an input needs of the session whose agent asks. */
export interface InputHost {
  readonly sessionId: string;
  readonly agentId: string;
  readonly desk: InputDesk;
  /** What the client of the turn said; undefined where it left it to the settings. */
  readonly clientPolicy: PermissionDefault | undefined;
  readonly permissions: PermissionSettings;
  readonly facts: SessionFacts;
  append(body: EventBody): void;
  /** Somebody is waited for, or not any more. */
  stateChanged(): void;
}

/** Settles ACP's session/request_permission: by a rule, by the policy, by the first person who answers, or by nobody in time. */
export async function askPermission(
  host: InputHost,
  params: AcpParams,
  signal: AbortSignal,
): Promise<Outcome> {
  const { rules, policy, ...surroundings } = host.permissions;
  const options = optionsOf(params.values);
  const call = host.facts.toolCalls.of(params.values.toolCall);
  const found = rules.length === 0 ? undefined : await firstRule(rules, call, surroundings);
  if (signal.aborted) throw withdrawn();
  const { decision, by } = decide({ found, clientPolicy: host.clientPolicy, policy, kind: call.kind });
  const id = host.desk.newId();
  host.append({ case: "permissionAsked", value: { id, requestJson: params.bytes } });
  const choose = (wanted: Decision): Outcome | undefined => {
    const choice = choiceOf(wanted, options);
    return choice === "cancelled" ? CANCELLED_PERMISSION : choice && selected(choice.optionId);
  };
  const outcome = choose(decision);
  if (outcome !== undefined) return bySettings(host, id, outcome, by);
  const denied = (): Outcome => choose("deny") ?? CANCELLED_PERMISSION;
  return await byPerson(host, id, { kind: "permission", options }, { params, signal, denied });
}

/** Settles ACP's elicitation/create. A policy cannot answer a question; one that denies declines it. */
export async function askQuestion(host: InputHost, params: AcpParams, signal: AbortSignal): Promise<Outcome> {
  const id = host.desk.newId();
  host.append({ case: "questionAsked", value: { id, requestJson: params.bytes } });
  const { clientPolicy = host.permissions.policy } = host;
  if (clientPolicy === "deny") return bySettings(host, id, DECLINED_QUESTION, undefined);
  return await byPerson(host, id, { kind: "question" }, { params, signal, denied: () => CANCELLED_QUESTION });
}

/** `rule`: what decided, for people; undefined: the policy did. */
function bySettings(host: InputHost, id: string, outcome: Outcome, rule: string | undefined): Outcome {
  const how = rule === undefined ? { how: "policy" } : { how: "rule", by: { name: rule } };
  host.append({ case: "answered", value: { id, outcomeJson: outcome, ...how } });
  return outcome;
}

function withdrawn(): AcpRefusal {
  return new AcpRefusal(AcpErrorCode.requestCancelled, "the request was cancelled");
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
  if (signal.aborted) throw withdrawn();
  return outcome;
}
