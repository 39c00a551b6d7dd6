import { PermissionPolicy, SessionState } from "@clawmatrix/protocol";
import { expect, test } from "vitest";
import {
  bodyOf,
  context,
  kinds,
  LAPTOP,
  OFFICE,
  open,
  PromptCall,
  parse,
  scripted,
  serve,
  text,
  turn,
  watching,
} from "./agents-harness.ts";

/** Asks for permission with these options and says the outcome. */
function asking(kind: string, options: readonly (readonly [id: string, kind: string])[]): string {
  const list = options.map(([optionId, optionKind]) => ({ optionId, name: optionId, kind: optionKind }));
  return `{ "session/prompt": async ({ sessionId }) => {
    api.update(sessionId, { sessionUpdate: "tool_call", toolCallId: "t", title: "x", kind: "${kind}" });
    const { outcome } = await api.request("session/request_permission",
      { sessionId, toolCall: { toolCallId: "t" }, options: ${JSON.stringify(list)}, _meta: { why: "so" } });
    api.say(sessionId, outcome.optionId ?? outcome.outcome);
    return { stopReason: outcome.outcome === "cancelled" ? "cancelled" : "end_turn" };
  } }`;
}

const ALL = [
  ["always", "allow_always"],
  ["once", "allow_once"],
  ["never", "reject_always"],
  ["no", "reject_once"],
] as const;

test.each([
  { policy: PermissionPolicy.ALLOW, kind: "execute", options: ALL, outcome: "once" },
  { policy: PermissionPolicy.ALLOW, kind: "execute", options: ALL.slice(0, 1), outcome: "always" },
  { policy: PermissionPolicy.DENY, kind: "read", options: ALL, outcome: "no" },
  { policy: PermissionPolicy.DENY, kind: "read", options: ALL.slice(0, 2), outcome: "cancelled" },
  { policy: PermissionPolicy.READS, kind: "search", options: ALL, outcome: "once" },
])("the policy $policy answers $kind with $outcome at once", async ({ policy, kind, options, outcome }) => {
  const service = await serve([scripted(asking(kind, options))]);
  const { id } = await open(service);
  const events = await turn(service, id, "go", { permission: policy });
  expect(text(events)).toBe(outcome);
  expect(bodyOf(events, "answered")).toMatchObject({ how: "policy" });
  expect(bodyOf(events, "answered").by).toBeUndefined();
  expect(parse(bodyOf(events, "permissionAsked").requestJson)).toMatchObject({ _meta: { why: "so" } });
});

test("the policy for reading asks for everything else", async () => {
  const service = await serve([scripted(asking("edit", ALL))]);
  const { id } = await open(service);
  const call = new PromptCall(service).prompt(id, "go", { permission: PermissionPolicy.READS });
  const { value: asked } = await call.event("permissionAsked");
  call.send({ case: "answer", value: { id: asked.id ?? "", answer: { case: "optionId", value: "no" } } });
  expect(text(await call.halfClose().rest())).toBe("no");
});

test("what a client leaves open the agent's settings decide", async () => {
  const service = await serve([scripted(asking("edit", ALL), { permission: "allow" })]);
  const { id } = await open(service);
  expect(text(await turn(service, id, "go"))).toBe("once");
});

test("the first answer holds; whoever comes later is told who was first", async () => {
  const service = await serve([scripted(asking("edit", ALL))]);
  const { id } = await open(service, {}, context(LAPTOP));
  const call = new PromptCall(service, LAPTOP).prompt(id, "go");
  await call.event("permissionAsked");
  const { inputs = [] } = await service.listWaiting(
    { $typeName: "clawmatrix.v1.ListWaitingRequest" },
    context(),
  );
  expect(inputs).toMatchObject([{ sessionId: id, agentId: "coder", question: false }]);
  const answering = (optionId: string) => ({
    $typeName: "clawmatrix.v1.AnswerRequest" as const,
    answer: {
      $typeName: "clawmatrix.v1.PermissionAnswer" as const,
      id: inputs[0]?.id ?? "",
      answer: { case: "optionId" as const, value: optionId },
    },
  });
  await expect(service.answer(answering("bogus"), context())).rejects.toThrow(
    "choose one of: always, once, never, no",
  );
  await expect(service.answer(answering("once"), context(OFFICE))).rejects.toThrow("may not control");
  await service.answer(answering("once"), context());
  await expect(service.answer(answering("no"), context(LAPTOP))).rejects.toMatchObject({
    reason: "answered-already",
    message: expect.stringContaining("by the server"),
  });
  const events = await call.halfClose().rest();
  expect(text(events)).toBe("once");
  expect(bodyOf(events, "answered")).toMatchObject({ how: "person", by: { name: "the server" } });
});

test("what waits is shown where it may be answered, and gone everywhere once it was", async () => {
  const service = await serve([scripted(asking("edit", ALL))]);
  const { id } = await open(service, {}, context(LAPTOP));
  const abort = new AbortController();
  const waiting = service
    .watchWaiting({ $typeName: "clawmatrix.v1.WatchWaitingRequest" }, context(undefined, abort.signal))
    [Symbol.asyncIterator]();
  expect((await waiting.next()).value?.inputs).toEqual([]);
  const call = new PromptCall(service, LAPTOP).prompt(id, "go");
  await call.event("permissionAsked");
  expect((await waiting.next()).value?.inputs).toHaveLength(1);
  const office = await service.listWaiting(
    { $typeName: "clawmatrix.v1.ListWaitingRequest" },
    context(OFFICE),
  );
  expect(office.inputs).toEqual([]);

  const watcher = watching(service, { sessionId: id }, context());
  const first = (await watcher.next()).value?.message;
  expect(first?.case === "session" && first.value.state).toBe(SessionState.PERMISSION);
  await watcher.return?.(undefined);

  call.send({ case: "cancel", value: {} });
  expect((await waiting.next()).value?.inputs).toEqual([]);
  abort.abort();
  expect((await waiting.next()).done).toBe(true);
  const events = await call.halfClose().rest();
  expect(bodyOf(events, "answered")).toMatchObject({ how: "cancelled" });
  expect(bodyOf(events, "turnEnded")).toMatchObject({ stopReason: "cancelled" });
});

test("nobody answers: after the configured time it is denied", async () => {
  const service = await serve([scripted(asking("edit", ALL))], { waitMs: 50 });
  const { id } = await open(service);
  const events = await turn(service, id, "go");
  expect(text(events)).toBe("no");
  expect(bodyOf(events, "answered")).toMatchObject({ how: "timeout" });
});

test("an agent that takes its question back leaves nothing waiting", async () => {
  const service = await serve([
    scripted(`{ "session/prompt": async ({ sessionId }) => {
      const asked = api.request("elicitation/create", { sessionId, mode: "form", message: "?", requestedSchema: {} });
      api.notify("$/cancel_request", { requestId: "a1" });
      const { error } = await asked;
      api.say(sessionId, String(error.code));
      return { stopReason: "end_turn" };
    } }`),
  ]);
  const { id } = await open(service);
  const events = await turn(service, id, "go");
  expect(text(events)).toBe("-32800");
  expect(kinds(events)).toContain("questionAsked");
  expect(bodyOf(events, "answered")).toMatchObject({ how: "cancelled" });
  const { inputs } = await service.listWaiting({ $typeName: "clawmatrix.v1.ListWaitingRequest" }, context());
  expect(inputs).toEqual([]);
});
