import { connect, type NatsConnection } from "@nats-io/transport-node";
import type { Passage, RelayPlace } from "./passage.ts";

const SUBJECT = "frames";
/** Bytes published between two flushes, and flushes that may be waited for at once: so the sender never outruns the server. */
const FLUSH_BYTES = 512 * 1024;
const FLUSHES = 4;

/** Two clients of nats.js, and the server between them. */
export async function natsPassage(place: RelayPlace): Promise<Passage> {
  const [source, destination] = await Promise.all([client(place), client(place)]);
  return {
    async carry(frames, bytes) {
      const payload = new Uint8Array(bytes).fill(7);
      let received = 0;
      const arrived = new Promise<void>((resolve) => {
        destination.subscribe(SUBJECT, {
          max: frames,
          callback: (_error, message) => {
            if (message.data.length === bytes && ++received === frames) resolve();
          },
        });
      });
      await destination.flush();
      const burst = Math.max(1, Math.floor(FLUSH_BYTES / bytes));
      const flushes: Promise<void>[] = [];
      for (let sent = 0; sent < frames; ) {
        for (let i = 0; i < burst && sent < frames; i++, sent++) source.publish(SUBJECT, payload);
        flushes.push(source.flush());
        if (flushes.length >= FLUSHES) await flushes.shift();
      }
      await arrived;
    },
  };
}

function client({ port, certificateFile }: RelayPlace): Promise<NatsConnection> {
  return connect({
    servers: `localhost:${port}`,
    ...(certificateFile === undefined ? {} : { tls: { caFile: certificateFile } }),
  });
}
