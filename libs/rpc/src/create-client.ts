import type { Clock, Random } from "@clawmatrix/environment";
import type { CallOptions, MethodType, ServiceType } from "@clawmatrix/protocol";
import type { CallDialer } from "./call-dialer.ts";
import { CallIds } from "./call-ids.ts";
import { ClientCall, type ClientCallEnvironment } from "./client-call.ts";
import { ReaderBudget } from "./reader-budget.ts";
import { type ClientOf, streamsResponses } from "./service-types.ts";

export interface ClientOptions {
  readonly clock: Clock;
  /** For call ids. */
  readonly random: Random;
  /** Which client of the node this is (64 bytes at most): what tells two screens apart. Default: none. */
  readonly clientId?: string;
}

/**
 * The typed client of a service: `createClient(AgentService, dialer, options)` is an `AgentServiceClient`.
 *
 * Every call ends with its response or with a StatusError, after its deadline at the latest. A stream of responses
 * that is not read makes its server wait; leaving it early (`break`) cancels the call. Streams begin when they are
 * first asked for a response.
 */
export function createClient<Service extends ServiceType>(
  service: Service,
  dialer: CallDialer,
  options: ClientOptions,
): ClientOf<Service> {
  const environment: ClientCallEnvironment = {
    dialer,
    clock: options.clock,
    callIds: new CallIds(options.random),
    clientId: options.clientId ?? "",
    budget: new ReaderBudget(),
  };
  const methods = Object.entries(service.methods).map(([name, method]) => [
    name,
    callerOf(method, environment),
  ]);
  return Object.fromEntries(methods) as ClientOf<Service>;
}

function callerOf(method: MethodType, environment: ClientCallEnvironment) {
  if (streamsResponses(method)) {
    return (request: unknown, options: CallOptions = {}): AsyncIterable<unknown> => ({
      [Symbol.asyncIterator]: () => {
        const call = new ClientCall(method, options, environment);
        call.start(request);
        return call.responses;
      },
    });
  }
  return (request: unknown, options: CallOptions = {}): Promise<unknown> => {
    const call = new ClientCall(method, options, environment);
    call.start(request);
    return call.response();
  };
}
