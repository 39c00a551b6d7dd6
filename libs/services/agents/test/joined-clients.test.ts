import { DescribeAgentRequest, ForwardRequest } from "@clawmatrix/protocol";
import { expect, test } from "vitest";
import {
  bodyOf,
  context,
  json,
  kinds,
  LAPTOP,
  open,
  PromptCall,
  parse,
  scripted,
  serve,
  text,
  transcript,
  turn,
} from "./agents-harness.ts";

/** Ends a turn when `_test/finish` says so. */
const HELD = `{
  "session/prompt": ({ sessionId, prompt }) => new Promise((resolve) => {
    api.say(sessionId, prompt[0].text);
    api.finish = () => resolve({ stopReason: "end_turn" });
  }),
  "session/cancel": () => api.finish(),
  "_test/finish": () => (api.finish(), {}),
}`;

const finish = (sessionId: string) =>
  ForwardRequest.decode(ForwardRequest.encode({ sessionId, method: "_test/finish", paramsJson: json({}) }));

test("a client joins without a prompt: how it stands, what it has missed, then what happens", async () => {
  const service = await serve([scripted()]);
  const { id } = await open(service);
  const missed = await turn(service, id, "before");
  const call = new PromptCall(service).send({ case: "join", value: { sessionId: id, sinceSeq: 2 } });
  const joined = await call.until(({ message }) => message?.case === "joined");
  expect(joined.message?.value).toMatchObject({ session: { id }, openRequestIds: [] });
  await call.until(({ message }) => message?.case === "caughtUp");
  const shown = call.responses.flatMap(({ message }) =>
    message?.case === "event" ? [message.value.seq] : [],
  );
  expect(shown[0]).toBe(3);
  expect(shown).toContain(missed.at(-1)?.seq);
  await turn(service, id, "after");
  await call.event("turnEnded");
  await call.goAway();
});

test("a prompt that is sent again runs once, and whoever sent it again hears of its end", async () => {
  const service = await serve([scripted(HELD)]);
  const { id } = await open(service);
  const first = new PromptCall(service).prompt(id, "once", { requestId: "p1" });
  await first.event("updateJson");
  await first.goAway();
  const second = new PromptCall(service).send({ case: "join", value: { sessionId: id } });
  const joined = await second.until(({ message }) => message?.case === "joined");
  expect(joined.message?.value).toMatchObject({ openRequestIds: ["p1"] });
  second.prompt(id, "once", { requestId: "p1" });
  await second.until(({ message }) => message?.case === "caughtUp");
  await service.forward(finish(id), context());
  expect((await second.event("turnEnded")).value).toMatchObject({ requestId: "p1", stopReason: "end_turn" });
  second.prompt(id, "once", { requestId: "p1" }).prompt(id, "another", { requestId: "p2" });
  await second.event("turnStarted");
  await service.forward(finish(id), context());
  await second.event("turnEnded");
  const events = await transcript(service, id);
  expect(kinds(events).filter((kind) => kind === "turnStarted")).toHaveLength(2);
  expect(text(events)).toBe("onceanother");
  await second.goAway();
});

test("a prompt that waits is cancelled by its id, and the one that runs is left alone", async () => {
  const service = await serve([scripted(HELD)]);
  const { id } = await open(service);
  const call = new PromptCall(service).prompt(id, "runs", { requestId: "p1" });
  await call.event("updateJson");
  call.prompt(id, "waits", { requestId: "p2" }).send({ case: "cancel", value: { requestId: "p2" } });
  const cancelled = await call.event("turnEnded");
  expect(cancelled.value).toMatchObject({ requestId: "p2", stopReason: "cancelled" });
  await service.forward(finish(id), context());
  expect((await call.event("turnEnded")).value).toMatchObject({ requestId: "p1", stopReason: "end_turn" });
  expect(text(await transcript(service, id))).toBe("runs");
  await call.goAway();
});

test("a client that answers any method gets those of a vendor, and hears when the agent waits no more", async () => {
  const service = await serve([
    scripted(`{
      "session/prompt": async ({ sessionId }) => {
        const answer = await api.request("_vendor/ask", { sessionId });
        api.say(sessionId, answer.word);
        api.send({ id: "vain", method: "_vendor/ask", params: { sessionId } });
        return { stopReason: "end_turn" };
      },
      "_test/finish": () => (api.notify("$/cancel_request", { requestId: "vain" }), {}),
    }`),
  ]);
  const { id } = await open(service);
  const call = new PromptCall(service).send({
    case: "join",
    value: { sessionId: id, servesAnyMethod: true },
  });
  const asked = async () => {
    const { message } = await call.until(({ message }) => message?.case === "clientRequest");
    if (message?.case !== "clientRequest") throw new Error("it is not a request");
    return message.value;
  };
  call.prompt(id, "go");
  const first = await asked();
  expect(first.method).toBe("_vendor/ask");
  const answer = { case: "resultJson", value: json({ word: "yes" }) } as const;
  call.send({ case: "clientAnswer", value: { id: first.id ?? "", answer } });
  const second = await asked();
  await service.forward(finish(id), context());
  const withdrawn = await call.until(({ message }) => message?.case === "clientRequestWithdrawn");
  expect(withdrawn.message?.value).toBe(second.id);
  expect(text(await transcript(service, id))).toBe("yes");
  await call.goAway();
});

test("an agent says what it can before there is a session, by the process that serves the sessions then", async () => {
  const service = await serve([
    scripted(`{
      initialize: ({ clientCapabilities }) => ({
        protocolVersion: 1, agentInfo: { name: "x" }, _meta: { pid: process.pid, heard: clientCapabilities },
      }),
      "session/new": () => ({ sessionId: "s", pid: process.pid }),
      authenticate: (params) => ({ given: params }),
    }`),
  ]);
  const clientCapabilitiesJson = json({ terminal: true });
  const describe = () =>
    service.describeAgent(
      DescribeAgentRequest.decode(DescribeAgentRequest.encode({ agentId: "coder", clientCapabilitiesJson })),
      context(LAPTOP),
    );
  const described = parse((await describe()).initializeJson);
  expect(described).toMatchObject({ agentInfo: { name: "x" }, _meta: { heard: { terminal: true } } });
  const opened = await open(service, { clientCapabilitiesJson }, context(LAPTOP));
  expect(parse(opened.responseJson).pid).toBe((described._meta as { pid: number }).pid);
  const request = { agentId: "coder", method: "authenticate", paramsJson: json({ methodId: "m" }) };
  const { answer } = await service.forward(
    ForwardRequest.decode(ForwardRequest.encode({ ...request, clientCapabilitiesJson })),
    context(LAPTOP),
  );
  expect(answer).toMatchObject({ case: "resultJson" });
  expect(parse(answer?.value as Uint8Array)).toEqual({ given: { methodId: "m" } });
});

test("a permission's outcome passes to the agent whole", async () => {
  const service = await serve([
    scripted(`{
      "session/prompt": async ({ sessionId }) => {
        const options = [{ optionId: "yes", name: "Yes", kind: "allow_once" }];
        const answer = await api.request("session/request_permission", { sessionId, toolCall: {}, options });
        api.say(sessionId, JSON.stringify(answer.outcome));
        return { stopReason: "end_turn" };
      },
    }`),
  ]);
  const { id } = await open(service);
  const call = new PromptCall(service).prompt(id, "go");
  const { value: asked } = await call.event("permissionAsked");
  const outcome = { outcome: "selected", optionId: "yes", _meta: { by: "hand" } };
  const answer = { case: "responseJson", value: json(outcome) } as const;
  call.send({ case: "answer", value: { id: (asked as { id: string }).id, answer } });
  const events = await call.halfClose().rest();
  expect(JSON.parse(text(events))).toEqual(outcome);
  expect(parse(bodyOf(events, "answered").outcomeJson)).toEqual(outcome);
});
