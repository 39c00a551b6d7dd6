import type { CallContext, CallOptions, MethodType, ServiceType } from "@clawmatrix/protocol";

interface Writes<Init> {
  encode(message: Init): Uint8Array;
}
interface Reads<Message> {
  decode(bytes: Uint8Array): Message;
}

type Stream<Kind, Side extends "client" | "server"> = Kind extends "bidirectional" | `${Side}-streaming`
  ? true
  : false;
type Sent<Kind, Message> = Stream<Kind, "client"> extends true ? AsyncIterable<Message> : Message;
type Answered<Kind, Message> =
  Stream<Kind, "server"> extends true ? AsyncIterable<Message> : Promise<Message>;

type ClientMethod<Method> = Method extends {
  readonly kind: infer Kind;
  readonly request: Writes<infer Request>;
  readonly response: Reads<infer Response>;
}
  ? (request: Sent<Kind, Request>, options?: CallOptions) => Answered<Kind, Response>
  : never;

type ServerMethod<Method> = Method extends {
  readonly kind: infer Kind;
  readonly request: Reads<infer Request>;
  readonly response: Writes<infer Response>;
}
  ? (request: Sent<Kind, Request>, context: CallContext) => Answered<Kind, Response>
  : never;

/** How a service is called: `ClientOf<typeof AgentService>` is the generated `AgentServiceClient`. */
export type ClientOf<Service extends ServiceType> = {
  readonly [Name in keyof Service["methods"]]: ClientMethod<Service["methods"][Name]>;
};

/** How a service is implemented: `ServerOf<typeof AgentService>` is the generated `AgentServiceServer`. */
export type ServerOf<Service extends ServiceType> = {
  readonly [Name in keyof Service["methods"]]: ServerMethod<Service["methods"][Name]>;
};

/** Whether the caller sends a stream of requests. */
export function streamsRequests({ kind }: MethodType): boolean {
  return kind === "client-streaming" || kind === "bidirectional";
}

/** Whether the server sends a stream of responses. */
export function streamsResponses({ kind }: MethodType): boolean {
  return kind === "server-streaming" || kind === "bidirectional";
}
