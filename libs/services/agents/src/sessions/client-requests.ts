import { AcpErrorCode, checkJson, fromJson, isJsonObject, type JsonBytes } from "@clawmatrix/acp-wire";
import { type ClientAnswer, StatusCode, StatusError } from "@clawmatrix/protocol";
import { AcpRefusal } from "../acp/acp-error.ts";
import { serves } from "../process/client-capabilities.ts";
import type { Participant } from "./audience.ts";

export interface ClientRequestInput {
  readonly id: string;
  readonly method: string;
  readonly paramsJson: JsonBytes;
}

/** A client that drives a session and may serve the agent's requests (file system, terminals). */
export interface Driver {
  readonly participant: Participant;
  /** ACP's ClientCapabilities; may be empty. */
  readonly clientCapabilities: JsonBytes;
  /** It answers any request, also those that ACP does not know. */
  readonly servesAnyMethod: boolean;
  /** Sends the request to the client. */
  send(request: ClientRequestInput): void;
  /** The agent does not wait for the answer any more. */
  withdraw(id: string): void;
}

interface Pending {
  readonly driver: Driver;
  readonly resolve: (result: JsonBytes) => void;
  readonly reject: (error: AcpRefusal) => void;
}

/** Requests of one session that may wait for clients at once. */
const MAX_PENDING = 64;

/** The requests of an agent that a client serves. */
export class ClientRequests {
  readonly #pending = new Map<string, Pending>();
  readonly #drivers = new Set<Driver>();
  #lastId = 0;

  /** The function that it gives ends it; what the client has not answered by then fails. */
  join(driver: Driver): () => void {
    this.#drivers.add(driver);
    return () => {
      this.#drivers.delete(driver);
      const gone = new AcpRefusal(AcpErrorCode.internal, "the client that serves this has gone");
      for (const pending of [...this.#pending.values()]) if (pending.driver === driver) pending.reject(gone);
    };
  }

  /** Whether a client that is connected serves this. */
  serves(method: string, current: Driver | undefined): boolean {
    return this.#driverFor(method, current) !== undefined;
  }

  /** Asks who drives the turn, else any client that serves this; the latest first. */
  ask(
    method: string,
    paramsJson: JsonBytes,
    current: Driver | undefined,
    signal: AbortSignal,
  ): Promise<JsonBytes> {
    const driver = this.#driverFor(method, current);
    if (driver === undefined) {
      throw new AcpRefusal(AcpErrorCode.methodNotFound, `no client that is connected serves ${method}`);
    }
    if (this.#pending.size >= MAX_PENDING) {
      throw new AcpRefusal(AcpErrorCode.internal, `${MAX_PENDING} requests wait for the client already`);
    }
    const id = String(++this.#lastId);
    return new Promise((resolve, reject) => {
      const end = (): void => {
        this.#pending.delete(id);
        signal.removeEventListener("abort", onAbort);
      };
      const refuse = (error: AcpRefusal): void => {
        end();
        reject(error);
      };
      const onAbort = (): void => {
        refuse(new AcpRefusal(AcpErrorCode.requestCancelled, "the request was cancelled"));
        driver.withdraw(id);
      };
      const take = (result: JsonBytes): void => {
        end();
        resolve(result);
      };
      this.#pending.set(id, { driver, resolve: take, reject: refuse });
      signal.addEventListener("abort", onAbort);
      driver.send({ id, method, paramsJson });
    });
  }

  #driverFor(method: string, current: Driver | undefined): Driver | undefined {
    const joined = [...this.#drivers].reverse();
    return [current, ...joined].find(
      (candidate) =>
        candidate !== undefined &&
        this.#drivers.has(candidate) &&
        (isOwnMethod(method) ? candidate.servesAnyMethod : serves(candidate.clientCapabilities, method)),
    );
  }

  /**
   * The client's answer. One that comes too late is dropped.
   * @throws StatusError INVALID_ARGUMENT if it is no valid JSON.
   */
  answer(driver: Driver, { id, answer }: Pick<ClientAnswer, "id" | "answer">): void {
    const pending = this.#pending.get(id);
    if (pending === undefined || pending.driver !== driver) return;
    if (answer.case === "resultJson") {
      const result = checkJson(answer.value, "the result", "value");
      return pending.resolve(result.length === 0 ? Buffer.from("null") : result);
    }
    if (answer.case !== "errorJson") {
      throw new StatusError(
        StatusCode.INVALID_ARGUMENT,
        "the client's answer has neither a result nor an error",
      );
    }
    const error = checkJson(answer.value, "the error", "object");
    const value = fromJson(error);
    const message =
      isJsonObject(value) && typeof value.message === "string" ? value.message : "the client refused";
    pending.reject(new AcpRefusal(AcpErrorCode.internal, message, error.length === 0 ? undefined : error));
  }
}

/** One of the agent's own or of a newer ACP: what a client declares says nothing about it. */
function isOwnMethod(method: string): boolean {
  return !/^(fs|terminal)\//.test(method);
}
