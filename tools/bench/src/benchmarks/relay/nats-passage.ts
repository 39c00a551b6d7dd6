import { connect, type NatsConnection } from "@nats-io/transport-node";
import type { Destination, Load, Passage, RelayPlace, Source } from "./passage.ts";

const SUBJECT = "frames";
/** Bytes published between two flushes, and flushes that may be waited for at once: so the sender never outruns the server. */
const FLUSH_BYTES = 512 * 1024;
const FLUSHES = 4;

/** A client of nats.js on either side of the server. */
export const natsPassage: Passage = {
  async source(place): Promise<Source> {
    const connection = await client(place);
    return { send: (load) => publish(connection, load) };
  },
  async destination(place): Promise<Destination> {
    const connection = await client(place);
    let arrived = Promise.withResolvers<void>();
    return {
      async expect({ frames, bytes }) {
        arrived = Promise.withResolvers();
        let received = 0;
        connection.subscribe(SUBJECT, {
          max: frames,
          callback: (_error, message) => {
            if (message.data.length === bytes && ++received === frames) arrived.resolve();
          },
        });
        await connection.flush();
      },
      arrived: () => arrived.promise,
    };
  },
};

async function publish(connection: NatsConnection, { frames, bytes }: Load): Promise<void> {
  const payload = new Uint8Array(bytes).fill(7);
  const burst = Math.max(1, Math.floor(FLUSH_BYTES / bytes));
  const flushes: Promise<void>[] = [];
  for (let sent = 0; sent < frames; ) {
    for (let i = 0; i < burst && sent < frames; i++, sent++) connection.publish(SUBJECT, payload);
    flushes.push(connection.flush());
    if (flushes.length >= FLUSHES) await flushes.shift();
  }
  await Promise.all(flushes);
}

function client({ port, certificateFile }: RelayPlace): Promise<NatsConnection> {
  return connect({
    servers: `localhost:${port}`,
    ...(certificateFile === undefined ? {} : { tls: { caFile: certificateFile } }),
  });
}
