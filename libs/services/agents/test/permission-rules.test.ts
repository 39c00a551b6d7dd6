import { symlink } from "node:fs/promises";
import { join } from "node:path";
import { PermissionPolicy } from "@clawmatrix/protocol";
import { expect, test } from "vitest";
import type { PermissionRule } from "../src/index.ts";
import {
  bodyOf,
  context,
  open,
  PromptCall,
  parse,
  scripted,
  serve,
  temporaryDirectory,
  text,
  turn,
} from "./agents-harness.ts";

/** Asks for permission for the tool call that the prompt is, as JSON: told before, and then asked for by its id. */
const ASKING = `{ "session/prompt": async ({ sessionId, prompt }) => {
  const toolCall = { toolCallId: "t", title: "x", ...JSON.parse(prompt[0].text) };
  api.update(sessionId, { sessionUpdate: "tool_call", ...toolCall });
  const { outcome } = await api.request("session/request_permission", {
    sessionId,
    toolCall: { toolCallId: "t" },
    options: [
      { optionId: "yes", name: "yes", kind: "allow_once" },
      { optionId: "no", name: "no", kind: "reject_once" },
    ],
  });
  api.say(sessionId, outcome.optionId ?? outcome.outcome);
  return { stopReason: "end_turn" };
} }`;

const rule = (action: PermissionRule["action"], more: Partial<PermissionRule> = {}): PermissionRule => ({
  kinds: undefined,
  title: undefined,
  path: undefined,
  action,
  ...more,
});

const status = JSON.stringify({ kind: "execute", rawInput: { command: "git status" } });
const removal = JSON.stringify({ kind: "execute", rawInput: { command: "git status; rm -rf ~" } });

test("the first rule that matches answers at once, and the session shows which", async () => {
  const permissionRules = [
    rule("deny", { title: "*rm *" }),
    rule("allow", { kinds: ["execute"], title: "git status*" }),
  ];
  const service = await serve([scripted(ASKING, { permissionRules })]);
  const { id } = await open(service);
  const allowed = await turn(service, id, status, { permission: PermissionPolicy.ASK });
  expect(text(allowed)).toBe("yes");
  expect(bodyOf(allowed, "answered")).toMatchObject({
    how: "rule",
    by: { name: 'rule 2 (allow execute "git status*")' },
  });
  expect(parse(bodyOf(allowed, "permissionAsked").requestJson)).toMatchObject({
    toolCall: { toolCallId: "t" },
  });
  const denied = await turn(service, id, removal, { permission: PermissionPolicy.ALLOW });
  expect(text(denied)).toBe("no");
  expect(bodyOf(denied, "answered")).toMatchObject({ how: "rule", by: { name: 'rule 1 (deny "*rm *")' } });
});

test("what a client denies no rule allows", async () => {
  const service = await serve([scripted(ASKING, { permissionRules: [rule("allow")] })]);
  const { id } = await open(service);
  const events = await turn(service, id, status, { permission: PermissionPolicy.DENY });
  expect(text(events)).toBe("no");
  expect(bodyOf(events, "answered")).toMatchObject({ how: "policy" });
});

test("a rule that asks has a person asked, also where the client allows everything", async () => {
  const service = await serve([scripted(ASKING, { permissionRules: [rule("ask")], permission: "allow" })]);
  const { id } = await open(service);
  const call = new PromptCall(service).prompt(id, status, { permission: PermissionPolicy.ALLOW });
  const { value: asked } = await call.event("permissionAsked");
  call.send({ case: "answer", value: { id: asked.id ?? "", answer: { case: "optionId", value: "no" } } });
  expect(text(await call.halfClose().rest())).toBe("no");
});

test("files are judged by where they are, from the session's directory", async () => {
  const [inside, outside] = [await temporaryDirectory(), await temporaryDirectory()];
  await symlink(outside, join(inside, "link"));
  const permissionRules = [rule("allow", { kinds: ["edit"], path: "./**" })];
  const service = await serve([scripted(ASKING, { permissionRules, permission: "deny" })]);
  const { id } = await open(service, { cwd: inside });
  const editing = (...paths: string[]) =>
    JSON.stringify({ kind: "edit", locations: paths.map((path) => ({ path })) });
  expect(text(await turn(service, id, editing(join(inside, "new.txt"), "b.txt")))).toBe("yes");
  expect(text(await turn(service, id, editing(join(inside, "link", "new.txt"))))).toBe("no");
  expect(text(await turn(service, id, editing(join(inside, "a"), join(outside, "b"))))).toBe("no");
  expect(text(await turn(service, id, editing()))).toBe("no");
});

test("rules that changed hold for the next request, without a new process", async () => {
  const settings = scripted(ASKING, { permission: "deny" });
  const service = await serve([settings]);
  const { id } = await open(service);
  expect(text(await turn(service, id, status))).toBe("no");
  service.reconfigure([{ ...settings, permissionRules: [rule("allow")] }]);
  expect(text(await turn(service, id, status))).toBe("yes");
  const { inputs } = await service.listWaiting({ $typeName: "clawmatrix.v1.ListWaitingRequest" }, context());
  expect(inputs).toEqual([]);
});
