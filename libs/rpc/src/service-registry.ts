import {
  type CallContext,
  type MethodType,
  methodOf,
  type ServiceType,
  StatusCode,
  StatusError,
} from "@clawmatrix/protocol";
import type { ServerOf } from "./service-types.ts";

/** A method's implementation, its types taken off: a request or a stream of them, to a response or a stream of them. */
export type Implementation = (
  request: unknown,
  context: CallContext,
) => Promise<unknown> | AsyncIterable<unknown>;

export interface ServedMethod {
  readonly method: MethodType;
  readonly implementation: Implementation;
}

/** The services of a node, found by the numbers of their methods. */
export class ServiceRegistry {
  readonly #methods = new Map<number, ServedMethod>();

  /**
   * Serves a service; methods that `implementation` lacks answer UNIMPLEMENTED. Throws RangeError if one of them is
   * served already.
   */
  serve<Service extends ServiceType>(service: Service, implementation: Partial<ServerOf<Service>>): this {
    for (const [name, method] of Object.entries(service.methods)) {
      const served: unknown = implementation[name as keyof Service["methods"]];
      if (typeof served !== "function") continue;
      if (this.#methods.has(method.number)) throw new RangeError(`${method.name} is served already`);
      this.#methods.set(method.number, {
        method,
        implementation: served.bind(implementation) as Implementation,
      });
    }
    return this;
  }

  /** The method of a number. Throws StatusError UNIMPLEMENTED, naming it. */
  find(number: number): ServedMethod {
    const served = this.#methods.get(number);
    if (served !== undefined) return served;
    const known = methodOf(number);
    const what = known === undefined ? `a method that it does not know (number ${number})` : known.name;
    throw new StatusError(StatusCode.UNIMPLEMENTED, `this node does not serve ${what}`, {
      reason: known === undefined ? "method-unknown" : "method-not-served",
      hint: "a newer version of ClawMatrix may, or one that is configured for it",
    });
  }
}
