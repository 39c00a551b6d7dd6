import { fromJson, toJson } from "@clawmatrix/acp-wire";
import { TurnFailed } from "@clawmatrix/protocol";
import { expect, test } from "vitest";
import { EditorPrompts } from "./editor-prompts.ts";

const start = (requestId: string) => ({ sessionId: "s", requestId });
const kinds = (requests: ReturnType<EditorPrompts["catchUp"]>) =>
  requests.map(({ message }) => {
    if (message?.case !== "start" && message?.case !== "cancel") throw new Error("it is neither");
    return `${message.case} ${message.value.requestId}`;
  });

test("over a new connection a prompt is sent again if the node never had it, and only then", () => {
  const prompts = new EditorPrompts();
  for (const id of ["unsent", "waiting", "running"]) void prompts.add(id, start(id));
  expect(prompts.begun("running")).toBe(true);
  expect(prompts.begun("somebody else's")).toBe(false);
  expect(kinds(prompts.catchUp(["waiting", "running"]))).toEqual(["start unsent"]);
});

test("a prompt that the node had begun, and knows nothing of any more, is lost", async () => {
  const prompts = new EditorPrompts();
  const answer = prompts.add("p", start("p"));
  prompts.begun("p");
  expect(prompts.catchUp([])).toEqual([]);
  await expect(answer).rejects.toMatchObject({ reason: "turn-lost" });
  expect(prompts.ids).toEqual([]);
});

test("a prompt that was cancelled without a connection is answered at once, and stopped with the next one", async () => {
  const prompts = new EditorPrompts();
  const answers = ["unsent", "running"].map((id) => prompts.add(id, start(id)));
  prompts.cancelUnsent();
  for (const answer of answers) expect(fromJson(await answer)).toEqual({ stopReason: "cancelled" });
  expect(kinds(prompts.catchUp(["running"]))).toEqual(["cancel running"]);
  expect(prompts.catchUp(["running"])).toEqual([]);
});

test("the agent's answer and its error pass whole", async () => {
  const prompts = new EditorPrompts();
  const answer = prompts.add("a", start("a"));
  prompts.ended("a", toJson({ stopReason: "bored", _meta: 1 }));
  expect(fromJson(await answer)).toEqual({ stopReason: "bored", _meta: 1 });
  const error = prompts.add("b", start("b"));
  const errorJson = toJson({ code: -5, message: "m", data: 1 });
  prompts.failed(TurnFailed.decode(TurnFailed.encode({ requestId: "b", code: 2, message: "m", errorJson })));
  await expect(error).rejects.toMatchObject({ error: new Uint8Array(errorJson) });
});
