import type { FrameWriter } from "./frame-writer.ts";
import type { Audience, DedupClass, Priority } from "./gen/clawmatrix/v1/enums.ts";

/** Writes and reads one protobuf message without reflection. `Init` is what may be written: every field optional. */
export interface MessageType<Message = unknown, Init = never> {
  /** The full protobuf name: "clawmatrix.v1.SessionInfo". */
  readonly typeName: string;
  /**
   * The message's bytes, which nobody else writes to. As with Node's small Buffers, several messages may share one
   * ArrayBuffer of 8 KiB. Throws `StatusError` INVALID_ARGUMENT where a number does not fit its field.
   */
  encode(message: Init): Uint8Array;
  /** Appends the message's bytes at the writer's position: no allocation, no copy. */
  writeTo(message: Init, writer: FrameWriter): void;
  /**
   * Reads `bytes` from `start` (default 0) to `end` (default its length). Unknown fields are kept. Throws
   * `StatusError` INVALID_ARGUMENT on malformed bytes. `bytes` fields are views of the input, not copies.
   */
  decode(bytes: Uint8Array, start?: number, end?: number): Message;
}

/** A message that travels by itself: a line of the frame registry. */
export interface FrameType<Message = unknown, Init = never> extends MessageType<Message, Init> {
  readonly number: number;
  readonly dedupClass: DedupClass;
  readonly priority: Priority;
}

export type MethodKind = "unary" | "server-streaming" | "client-streaming" | "bidirectional";

/** A method of a service, as its proto file declares it. */
export interface MethodType<
  Request = unknown,
  RequestInit = never,
  Response = unknown,
  ResponseInit = never,
> {
  /** "AgentService.Prompt" */
  readonly name: string;
  readonly number: number;
  readonly kind: MethodKind;
  readonly request: FrameType<Request, RequestInit>;
  readonly response: FrameType<Response, ResponseInit>;
  /** The capability that the caller needs; empty: any member. */
  readonly grant: string;
  /** Milliseconds; 0: no deadline. */
  readonly defaultTimeoutMs: number;
  readonly renewedByProgress: boolean;
  readonly idempotent: boolean;
  readonly durable: boolean;
  readonly audience: Audience;
}

/** Where a frame type belongs: as what of which method it travels. */
export interface FrameUse {
  /** "AgentService.Prompt" */
  readonly method: string;
  readonly methodNumber: number;
  readonly kind: MethodKind;
  /** From the caller, or from the server. */
  readonly direction: "request" | "response";
}

export interface ServiceType {
  /** The full protobuf name: "clawmatrix.v1.AgentService". */
  readonly typeName: string;
  /** By the method's name in TypeScript: `listSessions`. */
  readonly methods: Readonly<Record<string, MethodType>>;
}

/** What a caller may say of one call. */
export interface CallOptions {
  /** Gives the call up when aborted: it ends with CANCELLED on both sides. */
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds until DEADLINE_EXCEEDED. Default: the method's. 0: no deadline. */
  readonly timeoutMs?: number | undefined;
  /** 16 bytes; the same in a retry, so that the request is executed once. Default: random. */
  readonly callId?: Uint8Array | undefined;
}

/** Who makes a call. */
export interface Caller {
  /** The calling node's id, canonical text; this node's own for a local client. */
  readonly nodeId: string;
  /** Which client of that node: what tells two screens apart. May be empty. */
  readonly clientId: string;
  /** It came through this node's own socket. */
  readonly local: boolean;
  /** The calling node is a member of the mesh. */
  readonly member: boolean;
}

/** What a server's method knows of the call that it serves. */
export interface CallContext {
  readonly caller: Caller;
  readonly method: MethodType;
  readonly callId: Uint8Array;
  /** Aborted when the call has ended: by cancel, deadline, or because the caller is gone. */
  readonly signal: AbortSignal;
}
