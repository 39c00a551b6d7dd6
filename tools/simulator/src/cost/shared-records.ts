import { type ReadRecord, type RecordReader, readRecord } from "@clawmatrix/mesh";
import type { SignedRecord } from "@clawmatrix/protocol";

/** Records remembered: all of a large mesh, in a few versions. */
const MOST_REMEMBERED = 20_000;

interface Remembered {
  readonly signed: SignedRecord;
  readonly read: ReadRecord;
}

/**
 * Reads and verifies each record once for all nodes of a simulation, which would otherwise do so a thousand times and
 * keep a thousand copies. The answers are the same, as they depend on the bytes alone.
 */
export class SharedRecords {
  readonly #remembered = new Map<string, Remembered>();

  readonly read: RecordReader = (signed) => {
    const name = Buffer.from(signed.signature).toString("latin1");
    const known = this.#remembered.get(name);
    if (known !== undefined && Buffer.compare(known.signed.record, signed.record) === 0) return known.read;
    const fresh = readRecord(signed);
    let holds: boolean | undefined;
    const read: ReadRecord = {
      kept: fresh.kept,
      verify: () => {
        holds ??= fresh.verify();
        return holds;
      },
    };
    if (this.#remembered.size >= MOST_REMEMBERED) this.#remembered.clear();
    const { record, signature } = signed;
    this.#remembered.set(name, {
      signed: { ...signed, record: Uint8Array.from(record), signature: Uint8Array.from(signature) },
      read,
    });
    return read;
  };
}
