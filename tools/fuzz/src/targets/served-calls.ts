import { FrameFlag } from "@clawmatrix/mesh";
import {
  AgentService,
  CallCredit,
  CallHeader,
  CallStatus,
  DedupClass,
  DiagnosticService,
  StreamEnd,
  StreamOpen,
} from "@clawmatrix/protocol";
import { ServiceRegistry } from "@clawmatrix/rpc";

/** Methods of every kind that an attacker may call: they take everything in, and answer with nothing much. */
export function servedForTheAttacker(): ServiceRegistry {
  return new ServiceRegistry().serve(DiagnosticService, { getStatus: async () => ({}) }).serve(AgentService, {
    async *watch() {
      yield {};
    },
    async *prompt(requests) {
      for await (const _ of requests) yield {};
    },
  });
}

/** Frames of such calls, one behind the other, as they stand in a segment; each with its call number in one byte. */
export function callFrames(): readonly Uint8Array[] {
  const { getStatus } = DiagnosticService.methods;
  const { watch, prompt } = AgentService.methods;
  const header = (method: number, id: number) =>
    CallHeader.encode({ callId: new Uint8Array(16).fill(id), method, timeoutMs: 1_000, clientId: "c" });
  const open = (type: number, flags: number, call: number, bytes: Uint8Array) =>
    frame(
      type,
      DedupClass.CALL_ID | FrameFlag.OPEN | flags,
      call,
      Buffer.concat([[bytes.length], bytes].map((part) => Buffer.from(part))),
    );
  const more = (type: number, flags: number, call: number, payload: Uint8Array) =>
    frame(type, DedupClass.CHANNEL_SEQUENCE | flags, call, payload);
  const nothing = new Uint8Array(0);
  return [
    open(getStatus.request.number, FrameFlag.END, 1, header(getStatus.number, 1)),
    open(watch.request.number, FrameFlag.END, 3, header(watch.number, 2)),
    Buffer.concat([
      open(StreamOpen.number, 0, 5, header(prompt.number, 3)),
      more(prompt.request.number, FrameFlag.MORE, 5, Uint8Array.of(0x0a)),
      more(prompt.request.number, 0, 5, Uint8Array.of(0)),
      more(CallCredit.number, 0, 5, CallCredit.encode({ bytes: 1_000 })),
      more(StreamEnd.number, FrameFlag.END, 5, nothing),
    ]),
    more(CallStatus.number, 0, 5, CallStatus.encode({ code: 1, message: "over" })),
  ];
}

function frame(type: number, flags: number, call: number, payload: Uint8Array): Uint8Array {
  return Buffer.concat([Uint8Array.of(type >> 8, type, flags, call, payload.length), payload]);
}
