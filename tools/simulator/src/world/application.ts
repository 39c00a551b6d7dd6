import {
  type CallContext,
  type CallRequest,
  type CallResponseInit,
  DiagnosticService,
  HandoffService,
  type HandoffServiceStartRequest,
  type PingRequest,
  StatusCode,
  StatusError,
  TerminalService,
  type TerminalServiceOpenRequest,
  type TerminalServiceOpenResponseInit,
  ToolService,
} from "@clawmatrix/protocol";
import type { ServiceRegistry } from "@clawmatrix/rpc";
import type { CallLogs, Execution } from "./call-log.ts";
import type { Machine } from "./machine.ts";
import type { Messages } from "./message.ts";
import { sleep } from "./sleep.ts";

export interface ApplicationOptions {
  readonly machine: Machine;
  /** Which boot of the node this is. */
  readonly boot: number;
  readonly logs: CallLogs;
  readonly messages: Messages;
}

/** What a tool's call asks for, as its JSON arguments. */
export interface OutputArguments {
  readonly count: number;
  readonly bytes: number;
  readonly everyMs: number;
}

/** A task takes a moment, in which its node may crash. */
const TASK_MS = 5;

/** What every node of a world serves: a method of each kind, which notes what is executed. */
export class Application {
  readonly #options: ApplicationOptions;
  /** Executions of calls that nobody in the world was to make. */
  uninvited = 0;

  constructor(options: ApplicationOptions) {
    this.#options = options;
  }

  serve(registry: ServiceRegistry): void {
    registry.serve(DiagnosticService, { ping: (request, context) => this.#ping(request, context) });
    registry.serve(HandoffService, { start: (request, context) => this.#task(request, context) });
    registry.serve(ToolService, { call: (request, context) => this.#output(request, context) });
    registry.serve(TerminalService, { open: (requests, context) => this.#conversation(requests, context) });
  }

  async #ping({ payload }: PingRequest, context: CallContext) {
    this.#begin(context).ended = true;
    return { payload };
  }

  async #task({ id }: HandoffServiceStartRequest, context: CallContext) {
    const execution = this.#begin(context);
    await sleep(this.#options.machine, this.#options.logs.get(context.callId)?.errand.everyMs ?? TASK_MS);
    execution.ended = true;
    return { handoff: { id } };
  }

  async *#output(request: CallRequest, context: CallContext): AsyncGenerator<CallResponseInit> {
    const { machine, messages } = this.#options;
    const { count, bytes, everyMs } = JSON.parse(
      Buffer.from(request.argumentsJson).toString(),
    ) as OutputArguments;
    const execution = this.#begin(context);
    try {
      for (let number = 0; number < count && !context.signal.aborted; number++) {
        if (everyMs > 0) await sleep(machine, everyMs, context.signal);
        execution.produced++;
        yield { message: { case: "output", value: { data: messages.make(number, bytes) } } };
        this.#noteAhead(context, execution, bytes);
      }
    } finally {
      execution.ended = true;
    }
  }

  async *#conversation(
    requests: AsyncIterable<TerminalServiceOpenRequest>,
    context: CallContext,
  ): AsyncGenerator<TerminalServiceOpenResponseInit> {
    const { messages } = this.#options;
    const execution = this.#begin(context);
    try {
      for await (const { message } of requests) {
        if (message.case !== "input" || message.value.input.case !== "data") continue;
        const data = Buffer.from(message.value.input.value);
        execution.received.push(messages.isIntact(data) ? messages.numberOf(data) : -1);
        execution.produced++;
        yield { output: { output: { case: "data", value: data } } };
      }
    } finally {
      execution.ended = true;
    }
  }

  #begin({ callId }: CallContext): Execution {
    const { boot, machine, logs } = this.#options;
    const log = logs.get(callId);
    if (log === undefined) {
      this.uninvited++;
      throw new StatusError(StatusCode.PERMISSION_DENIED, "nobody was to make this call");
    }
    const execution: Execution = {
      boot,
      hasCrashed: () => machine.hasCrashed,
      received: [],
      produced: 0,
      ended: false,
    };
    log.executions.push(execution);
    return execution;
  }

  #noteAhead({ callId }: CallContext, { produced }: Execution, bytes: number): void {
    const log = this.#options.logs.get(callId);
    if (log === undefined || log.endedMs !== undefined) return;
    log.mostAheadBytes = Math.max(log.mostAheadBytes, (produced - log.received.length) * bytes);
  }
}
