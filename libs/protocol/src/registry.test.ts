import { describe, expect, test } from "vitest";
import {
  AgentService,
  type AgentServiceClient,
  CancelRequest,
  DedupClass,
  frameTypeOf,
  frameTypes,
  Heartbeat,
  methodOf,
  Priority,
  PromptRequest,
  SessionInfo,
  type SessionInfoInit,
  StatusCode,
  services,
  statusName,
  usesOf,
} from "./index.ts";

const methods = services.flatMap((service) => Object.values(service.methods));

describe("the registry", () => {
  test("finds every frame type and method by its number", () => {
    for (const type of frameTypes) expect(frameTypeOf(type.number)).toBe(type);
    for (const method of methods) expect(methodOf(method.number)).toBe(method);
  });

  test("knows nothing of a newer version's numbers", () => {
    expect(frameTypeOf(65535)).toBeUndefined();
    expect(methodOf(65535)).toBeUndefined();
    expect(usesOf(65535)).toEqual([]);
  });

  test("says which method a frame belongs to and which way it goes", () => {
    expect(usesOf(PromptRequest.number)).toEqual([
      { method: "AgentService.Prompt", methodNumber: 102, kind: "bidirectional", direction: "request" },
    ]);
    expect(usesOf(Heartbeat.number)).toEqual([]);
    for (const method of methods) {
      const uses = [...usesOf(method.request.number), ...usesOf(method.response.number)];
      expect(uses).toContainEqual(expect.objectContaining({ method: method.name, direction: "request" }));
      expect(uses).toContainEqual(expect.objectContaining({ method: method.name, direction: "response" }));
    }
  });

  test("recognises requests by call id, and everything else of a call by its place in the channel", () => {
    for (const { kind, request, response } of methods) {
      const opens = kind === "unary" || kind === "server-streaming";
      expect(request.dedupClass).toBe(opens ? DedupClass.CALL_ID : DedupClass.CHANNEL_SEQUENCE);
      expect(response.dedupClass).toBe(DedupClass.CHANNEL_SEQUENCE);
    }
  });

  test("carries what the proto file says of a method", () => {
    expect(AgentService.methods.cancel).toMatchObject({
      name: "AgentService.Cancel",
      kind: "unary",
      grant: "sessions:control",
      defaultTimeoutMs: 30_000,
      idempotent: true,
      durable: false,
    });
    expect(AgentService.methods.cancel.request).toBe(CancelRequest);
    expect(CancelRequest.priority).toBe(Priority.INTERACTIVE);
  });
});

describe("types", () => {
  test("what was read can be written, whole or in parts", () => {
    const read: SessionInfo = SessionInfo.decode(
      SessionInfo.encode({ title: "a", watchers: [{ name: "laptop" }] }),
    );
    const changed: SessionInfoInit = { ...read, title: "b" };
    expect(SessionInfo.decode(SessionInfo.encode(changed))).toEqual({ ...read, title: "b" });
  });

  test("what is no such message does not compile", () => {
    const session = SessionInfo.decode(new Uint8Array(0));
    // @ts-expect-error another message type
    expect(CancelRequest.encode(session)).toHaveLength(0);
    // @ts-expect-error a case that the oneof does not have
    expect(PromptRequest.encode({ message: { case: "nothing", value: {} } })).toHaveLength(0);
    // @ts-expect-error a bidirectional method takes a stream of requests
    const misuse = (client: AgentServiceClient) => client.prompt({ message: { case: "cancel", value: {} } });
    expect(misuse).toBeTypeOf("function");
  });
});

test("every status code has its name", () => {
  expect(statusName(0)).toBe("ok");
  expect(statusName(StatusCode.PERMISSION_DENIED)).toBe("permission-denied");
  for (const code of Object.values(StatusCode).filter((code) => code !== StatusCode.UNKNOWN)) {
    expect(statusName(code)).not.toBe("unknown");
  }
  expect(statusName(99 as StatusCode)).toBe("unknown");
});
