import { once } from "node:events";
import { connect } from "node:net";

const RPC_VERSION = 1;

/** Sets a tag of a serf agent as `serf tags -set` does, over its RPC, without the start of a program. */
export async function setSerfTag(port: number, name: string, value: string): Promise<void> {
  const socket = connect(port, "127.0.0.1").setNoDelay(true);
  await once(socket, "connect");
  socket.write(
    Buffer.concat([
      map({ Command: text("handshake"), Seq: Buffer.of(0) }),
      map({ Version: Buffer.of(RPC_VERSION) }),
      map({ Command: text("tags"), Seq: Buffer.of(1) }),
      map({ Tags: map({ [name]: text(value) }) }),
    ]),
  );
  await once(socket, "data");
  socket.end();
  await once(socket.resume(), "close");
}

/** MessagePack, as much of it as this needs: maps of less than 16 entries, texts of less than 32 bytes. */
function map(entries: Readonly<Record<string, Uint8Array>>): Buffer {
  const parts = Object.entries(entries).flatMap(([key, value]) => [text(key), value]);
  return Buffer.concat([Buffer.of(0x80 | Object.keys(entries).length), ...parts]);
}

function text(value: string): Buffer {
  return Buffer.concat([Buffer.of(0xa0 | Buffer.byteLength(value)), Buffer.from(value)]);
}
