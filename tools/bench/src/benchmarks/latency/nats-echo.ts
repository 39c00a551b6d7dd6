import { connect } from "@nats-io/transport-node";
import type { Caller, Place } from "./caller.ts";

const SUBJECT = "echo";
const TIMEOUT_MS = 30_000;

/** Answers requests that come over the server at `address`. */
export async function natsEcho({ address }: Place): Promise<Place> {
  const connection = await connect({ servers: address });
  connection.subscribe(SUBJECT, { callback: (_error, message) => void message.respond(message.data) });
  await connection.flush();
  return { address };
}

export async function natsCaller({ address }: Place): Promise<Caller> {
  const connection = await connect({ servers: address });
  return { call: (payload) => connection.request(SUBJECT, payload, { timeout: TIMEOUT_MS }) };
}
