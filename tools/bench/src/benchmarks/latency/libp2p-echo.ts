import { noise } from "@chainsafe/libp2p-noise";
import { yamux } from "@chainsafe/libp2p-yamux";
import { tcp } from "@libp2p/tcp";
import { multiaddr } from "@multiformats/multiaddr";
import { createLibp2p, type Libp2p } from "libp2p";
import type { Caller, Place } from "./caller.ts";

const PROTOCOL = "/clawmatrix-bench/echo/1.0.0";
/** More than are ever in flight. */
const MAX_STREAMS = 4_096;

/** Answers on each stream with what came. */
export async function libp2pEcho(): Promise<Place> {
  const node = await start(["/ip4/127.0.0.1/tcp/0"]);
  await node.handle(
    PROTOCOL,
    (stream) => {
      stream.addEventListener("message", ({ data }) => {
        stream.send(data);
        void stream.close();
      });
    },
    { maxInboundStreams: MAX_STREAMS },
  );
  return { address: String(node.getMultiaddrs()[0]) };
}

/** A stream for each call, as libp2p's own request-response protocols do. */
export async function libp2pCaller({ address }: Place): Promise<Caller> {
  const node = await start([]);
  const connection = await node.dial(multiaddr(address));
  return {
    async call(payload) {
      const stream = await connection.newStream(PROTOCOL, { maxOutboundStreams: MAX_STREAMS });
      return new Promise((resolve, reject) => {
        let bytes = 0;
        stream.addEventListener("message", ({ data }) => {
          bytes += data.byteLength;
          if (bytes === payload.length) resolve(data);
        });
        stream.addEventListener("close", ({ error }) => error !== undefined && reject(error));
        stream.send(payload);
        void stream.close();
      });
    },
  };
}

function start(listen: string[]): Promise<Libp2p> {
  return createLibp2p({
    addresses: { listen },
    transports: [tcp()],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux({ maxInboundStreams: MAX_STREAMS, maxOutboundStreams: MAX_STREAMS })],
    connectionMonitor: { enabled: false },
  });
}
