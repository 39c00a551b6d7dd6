import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { silentLogger, VirtualClock } from "@clawmatrix/environment";
import { nodeIdFromBytes } from "@clawmatrix/identity";
import {
  AgentService,
  AuditOutcome,
  type Caller,
  DiagnosticService,
  StatusCode,
  StatusError,
} from "@clawmatrix/protocol";
import { openStore } from "@clawmatrix/store";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { AuditTrail } from "./audit-trail.ts";

const LAPTOP = nodeIdFromBytes(Buffer.alloc(16, "laptop"));
const caller: Caller = { nodeId: LAPTOP, clientId: "c", local: false, member: true };
const refusal = (message: string) =>
  new StatusError(StatusCode.PERMISSION_DENIED, message, { reason: "not-granted" });

describe("the audit trail", () => {
  const clock = new VirtualClock();
  let directory: string;
  let store: ReturnType<typeof openStore>["store"];
  let trail: AuditTrail;

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), "clawmatrix-audit-"));
    ({ store } = openStore({ file: join(directory, "store"), clock }));
    const nameOf = (): string => "laptop";
    trail = new AuditTrail({ log: store.auditLog, clock, logger: silentLogger, nameOf });
  });

  afterEach(() => {
    trail.stop();
    store.close();
    rmSync(directory, { recursive: true });
  });

  const { tailLog: method } = DiagnosticService.methods;
  const shown = () => trail.list(100, undefined).map(({ action, detail }) => `${action} ${detail}`);

  it("says who was refused what, when and why", () => {
    trail.settled({ caller, method, error: refusal("your node may not") });
    expect(trail.list(100, undefined)).toEqual([
      expect.objectContaining({
        timeUnixMs: BigInt(clock.now()),
        node: expect.objectContaining({ length: 16 }),
        name: "laptop",
        action: expect.stringMatching(/TailLog$/),
        outcome: AuditOutcome.DENIED,
        detail: "not-granted: your node may not",
      }),
    ]);
  });

  it("holds no call that went well or failed otherwise", () => {
    trail.settled({ caller, method: AgentService.methods.prompt, error: undefined });
    trail.settled({ caller, method, error: new StatusError(StatusCode.UNAVAILABLE, "gone") });
    expect(shown()).toEqual([]);
  });

  it("holds every use of a tool or terminal by another node, when it begins", () => {
    trail.used(caller, "tool:exec", "make");
    trail.used({ ...caller, local: true }, "terminal", "");
    expect(shown()).toEqual(["tool:exec make"]);
  });

  it("counts refusals alike instead of writing down each", () => {
    for (let i = 0; i < 100_000; i++) trail.settled({ caller, method, error: refusal("no") });
    expect(shown()).toHaveLength(1);
    clock.advance(10_000);
    expect(shown()[0]).toMatch(/\(99999 more times\)$/);
    trail.settled({ caller, method, error: refusal("no") });
    expect(shown()).toHaveLength(3);
  });

  it("forgets no count at its bound, nor at the node's end, and leaves no timer", () => {
    for (let i = 0; i < 300; i++) {
      trail.settled({ caller, method, error: refusal(`${i}`) });
      trail.settled({ caller, method, error: refusal(`${i}`) });
    }
    trail.stop();
    expect(trail.list(1_000, undefined)).toHaveLength(600);
    expect(clock.nextDue()).toBeUndefined();
  });

  it("does not stop the node where it cannot be written", () => {
    store.close();
    expect(() => trail.settled({ caller, method, error: refusal("no") })).not.toThrow();
    ({ store } = openStore({ file: join(directory, "store"), clock }));
  });
});
