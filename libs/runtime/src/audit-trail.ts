import type { AuditSource } from "@clawmatrix/diagnostics";
import type { Clock, Logger, Timer } from "@clawmatrix/environment";
import { formatNodeId, isNodeId, type NodeId, nodeIdToBytes, parseNodeId } from "@clawmatrix/identity";
import { type AuditEntryInit, AuditOutcome, type Caller, StatusCode } from "@clawmatrix/protocol";
import type { SettledCall } from "@clawmatrix/rpc";
import type { AuditEntry, AuditLog, StoredAuditEntry } from "@clawmatrix/store";

export interface AuditTrailOptions {
  readonly log: AuditLog;
  readonly clock: Clock;
  readonly logger: Logger;
  /** The name of a node, for people; empty where it is not known. */
  readonly nameOf: (nodeId: string) => string;
}

/** Refusals alike within this time, in milliseconds, are written as the first one and the number of the others. */
const ALIKE_MS = 10_000;
/** Different refusals that are counted at one time; one more, and the oldest count is written down early. */
const MAX_COUNTED = 256;
const OUTCOMES: Readonly<Record<AuditEntry["outcome"], AuditOutcome>> = {
  allowed: AuditOutcome.ALLOWED,
  denied: AuditOutcome.DENIED,
  failed: AuditOutcome.FAILED,
};

interface Counted {
  readonly entry: AuditEntry;
  more: number;
  readonly timer: Timer;
}

/**
 * Writes down who was refused what, and who used tools and terminals: who, what, when, and the outcome, never what was sent.
 * However often a peer lets itself be refused, it costs a few entries per minute.
 */
export class AuditTrail implements AuditSource {
  readonly #options: AuditTrailOptions;
  /** Oldest first. */
  readonly #counted = new Map<string, Counted>();

  constructor(options: AuditTrailOptions) {
    this.#options = options;
  }

  /** A call has ended or was refused: what was refused is written down. */
  settled({ caller, method, error }: SettledCall): void {
    if (error?.code !== StatusCode.PERMISSION_DENIED) return;
    this.#refused(this.#entry(caller, method.name, "denied", `${error.reason}: ${error.message}`));
  }

  /**
   * Another node uses what a grant let it: "terminal", "tool:exec". Said when it begins, so that it is written down however
   * it ends. `detail`: one line for people, without what was sent.
   */
  used(caller: Caller, capability: string, detail: string): void {
    if (!caller.local) this.#write(this.#entry(caller, capability, "allowed", detail));
  }

  /** What is counted is written down; for the node's end. */
  stop(): void {
    for (const key of [...this.#counted.keys()]) this.#close(key);
  }

  list(limit: number, before: number | undefined): AuditEntryInit[] {
    const { log, nameOf } = this.#options;
    return log
      .list({ limit, ...(before === undefined ? {} : { before }) })
      .map((entry) => message(entry, nameOf));
  }

  #entry(caller: Caller, action: string, outcome: AuditEntry["outcome"], detail: string): AuditEntry {
    const subject = formatNodeId(caller.nodeId as NodeId);
    return { time: Math.max(0, Math.round(this.#options.clock.now())), subject, action, outcome, detail };
  }

  #refused(entry: AuditEntry): void {
    const key = `${entry.subject} ${entry.action} ${entry.detail}`;
    const alike = this.#counted.get(key);
    if (alike !== undefined) {
      alike.more++;
      return;
    }
    const oldest = this.#counted.keys().next();
    if (this.#counted.size >= MAX_COUNTED && oldest.done !== true) this.#close(oldest.value);
    this.#write(entry);
    const timer = this.#options.clock.schedule(ALIKE_MS, () => this.#close(key));
    this.#counted.set(key, { entry, more: 0, timer });
  }

  #close(key: string): void {
    const counted = this.#counted.get(key);
    if (counted === undefined) return;
    this.#counted.delete(key);
    counted.timer.cancel();
    const { entry, more } = counted;
    if (more > 0) this.#write({ ...entry, detail: `${entry.detail} (${more} more times)` });
  }

  /** A log that cannot be written must not stop the node from serving, nor a refusal from being one. */
  #write(entry: AuditEntry): void {
    try {
      this.#options.log.append(entry);
    } catch (error) {
      const { subject, action, outcome } = entry;
      this.#options.logger.error("the audit log could not be written", {
        subject,
        action,
        outcome,
        error: String(error),
      });
    }
  }
}

function message(entry: StoredAuditEntry, nameOf: (nodeId: string) => string): AuditEntryInit {
  const { id, time, subject, action, outcome, detail } = entry;
  const plain = subject.replaceAll("-", "");
  const node = isNodeId(plain) ? parseNodeId(plain) : undefined;
  return {
    id: BigInt(id),
    timeUnixMs: BigInt(time),
    ...(node === undefined ? {} : { node: nodeIdToBytes(node), name: nameOf(node) }),
    action,
    outcome: OUTCOMES[outcome],
    detail,
  };
}
