import { readFileSync } from "node:fs";
import type { Random } from "@clawmatrix/environment";
import { describe, expect, it } from "vitest";
import { AgreementKeys } from "../agreement-keys.ts";
import { CipherState } from "./cipher-state.ts";
import { type HandshakeRole, HandshakeState } from "./handshake-state.ts";
import { NOISE_XX, NOISE_XX_PSK3 } from "./patterns.ts";

interface Vector {
  readonly protocol_name: string;
  readonly source: string;
  readonly init_prologue: string;
  readonly init_static: string;
  readonly init_ephemeral: string;
  readonly init_psks?: readonly string[];
  readonly resp_prologue: string;
  readonly resp_static: string;
  readonly resp_ephemeral: string;
  readonly resp_psks?: readonly string[];
  readonly handshake_hash?: string;
  readonly messages: readonly { readonly payload: string; readonly ciphertext: string }[];
}

const file = new URL("../../test/fixtures/noise-vectors.json", import.meta.url);
const { vectors } = JSON.parse(readFileSync(file, "utf8")) as { vectors: readonly Vector[] };

const hex = (text: string): Uint8Array => Buffer.from(text, "hex");
const toHex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");

/** Gives the vector's ephemeral key to who asks for 32 bytes. */
function ephemeralOnly(key: string): Random {
  return { bytes: () => hex(key), fraction: () => 0 };
}

function side(vector: Vector, role: HandshakeRole): HandshakeState {
  const pattern = [NOISE_XX, NOISE_XX_PSK3].find((known) => known.protocolName === vector.protocol_name);
  if (pattern === undefined) throw new Error(`no pattern for ${vector.protocol_name}`);
  const initiator = role === "initiator";
  const psk = (initiator ? vector.init_psks : vector.resp_psks)?.[0];
  return new HandshakeState({
    pattern,
    role,
    prologue: hex(initiator ? vector.init_prologue : vector.resp_prologue),
    staticKeys: AgreementKeys.fromSecret(hex(initiator ? vector.init_static : vector.resp_static)),
    random: ephemeralOnly(initiator ? vector.init_ephemeral : vector.resp_ephemeral),
    ...(psk === undefined ? {} : { psk: hex(psk) }),
  });
}

describe("the published Noise vectors", () => {
  it("are of both patterns", () => {
    expect(new Set(vectors.map((vector) => vector.protocol_name))).toEqual(
      new Set([NOISE_XX.protocolName, NOISE_XX_PSK3.protocolName]),
    );
  });

  describe.each(vectors)("$protocol_name of $source", (vector) => {
    it("give the same bytes in the handshake and behind it, and the same hash", () => {
      const sides = [side(vector, "initiator"), side(vector, "responder")] as const;
      const [handshake, transport] = [vector.messages.slice(0, 3), vector.messages.slice(3)];
      handshake.forEach(({ payload, ciphertext }, i) => {
        const [writer, reader] = i % 2 === 0 ? sides : [sides[1], sides[0]];
        const message = writer.writeMessage(hex(payload));
        expect(toHex(message)).toBe(ciphertext);
        expect(toHex(reader.readMessage(message))).toBe(payload);
        expect(toHex(reader.hash)).toBe(toHex(writer.hash));
      });

      const keys = sides.map((one) => one.split());
      for (const { handshakeHash } of keys) {
        if (vector.handshake_hash !== undefined) expect(toHex(handshakeHash)).toBe(vector.handshake_hash);
      }
      const send = keys.map(({ sendKey }) => new CipherState(sendKey));
      const receive = keys.map(({ receiveKey }) => new CipherState(receiveKey));
      // The turns go on as in the handshake: message 3 is the responder's.
      transport.forEach(({ payload, ciphertext }, i) => {
        const [writer, reader] = i % 2 === 0 ? [1, 0] : [0, 1];
        const sealed = (send[writer] as CipherState).seal(hex(payload));
        expect(toHex(sealed)).toBe(ciphertext);
        expect(toHex((receive[reader] as CipherState).open(sealed))).toBe(payload);
      });
    });

    it.each([0, 1, 2])("fail when any byte of handshake message %i is flipped", (flipped) => {
      const length = (vector.messages[flipped]?.ciphertext.length ?? 0) / 2;
      for (let at = 0; at < length; at++) {
        const sides = [side(vector, "initiator"), side(vector, "responder")] as const;
        expect(() => {
          for (let i = 0; i < 3; i++) {
            const [writer, reader] = i % 2 === 0 ? sides : [sides[1], sides[0]];
            const message = writer.writeMessage(hex(vector.messages[i]?.payload ?? ""));
            if (i === flipped) message[at] = (message[at] as number) ^ 0x40;
            reader.readMessage(message);
          }
        }, `byte ${at}`).toThrow(/handshake failed/);
      }
    });
  });
});
