import type { Logger } from "@clawmatrix/environment";
import { type KeptRecord, readStoredRecord } from "./signed-record.ts";

/** What can be read of the records in the store; what cannot comes again by gossip. */
export function readStoredRecords(records: Iterable<Uint8Array>, logger: Logger): KeptRecord[] {
  const read: KeptRecord[] = [];
  for (const bytes of records) {
    try {
      read.push(readStoredRecord(bytes));
    } catch (error) {
      logger.warn("a stored record cannot be read", { error: String(error) });
    }
  }
  return read;
}
