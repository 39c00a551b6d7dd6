import { SessionOpening, SessionState } from "@clawmatrix/protocol";
import { expect, test } from "vitest";
import {
  bodyOf,
  demo,
  kinds,
  open,
  PromptCall,
  parse,
  serve,
  temporaryDirectory,
  text,
  turn,
  updates,
} from "./agents-harness.ts";

test("a prompt to the demo agent is answered, and its turn ends with the agent's stop reason", async () => {
  const service = await serve([demo()]);
  const cwd = await temporaryDirectory();
  const session = await open(service, { cwd });
  expect(session.opening).toBe(SessionOpening.NEW);
  expect(session.session).toMatchObject({ agentId: "coder", state: SessionState.IDLE, cwd });
  expect(session.progress).toContain("starting coder");

  const events = await turn(service, session.id, "hello there");
  expect(text(events)).toContain("hello there");
  expect(bodyOf(events, "turnEnded")).toMatchObject({ stopReason: "end_turn" });
  expect(events.map((event) => event.seq)).toEqual(events.map((_, index) => (events[0]?.seq ?? 0) + index));
});

test("a permission request goes to the client, whose answer the agent acts on", async () => {
  const service = await serve([demo()]);
  const { id } = await open(service, { cwd: await temporaryDirectory() });
  const call = new PromptCall(service).prompt(id, "run echo here-I-ran");
  const { value: asked } = await call.event("permissionAsked");
  const request = parse(asked.requestJson);
  const options = request.options as { optionId: string; kind: string }[];
  const allow = options.find((option) => option.kind === "allow_once")?.optionId ?? "";
  call.send({ case: "answer", value: { id: asked.id ?? "", answer: { case: "optionId", value: allow } } });
  const events = await call.halfClose().rest();

  const answered = bodyOf(events, "answered");
  expect(answered).toMatchObject({ id: asked.id, how: "person" });
  expect(parse(answered.outcomeJson)).toEqual({ outcome: "selected", optionId: allow });
  expect(JSON.stringify(updates(events))).toContain("here-I-ran");
  expect(updates(events).map((update) => update.status)).toContain("completed");
});

test("a question of the agent is answered by the client's form", async () => {
  const service = await serve([demo()]);
  const { id } = await open(service);
  const call = new PromptCall(service).prompt(id, "ask Which colour? red | green");
  const { value: asked } = await call.event("questionAsked");
  const response = Buffer.from(JSON.stringify({ action: "accept", content: { answer: "green" } }));
  call.send({
    case: "answer",
    value: { id: asked.id ?? "", answer: { case: "responseJson", value: response } },
  });
  expect(text(await call.halfClose().rest())).toContain("You answered: green");
});

test("a turn that is cancelled ends as cancelled", async () => {
  const service = await serve([demo()]);
  const { id } = await open(service);
  const call = new PromptCall(service).prompt(id, "slow 600");
  await call.event("updateJson");
  call.send({ case: "cancel", value: {} });
  expect(bodyOf(await call.halfClose().rest(), "turnEnded")).toMatchObject({ stopReason: "cancelled" });
});

test("an agent that crashes ends its session with the reason, and the next prompt continues it", async () => {
  const env = { CLAWMATRIX_DEMO_STATE: await temporaryDirectory() };
  const service = await serve([demo({ env })]);
  const { id } = await open(service, { cwd: await temporaryDirectory() });
  const crashed = await turn(service, id, "crash");
  expect(bodyOf(crashed, "turnFailed")).toMatchObject({ reason: "agent-exited" });
  expect(bodyOf(crashed, "turnFailed").stderrTail).toContain("demo: crashed");
  const again = await turn(service, id, "and now");
  expect(kinds(again)).toContain("reopened");
  expect(text(again)).toContain("and now");
});
