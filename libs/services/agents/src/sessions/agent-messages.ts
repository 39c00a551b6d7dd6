import { type AcpParams, isJsonObject, type JsonBytes, toJson, writeObject } from "@clawmatrix/acp-wire";
import { askPermission, askQuestion, type InputHost } from "../inputs/agent-inputs.ts";
import type { LocalClient } from "../local-client/local-client.ts";
import type { ClientRequests } from "./client-requests.ts";
import type { EventBody } from "./session-journal.ts";
import type { Turn } from "./turn-queue.ts";

/** What the messages of an agent need of the session that they are about. */
export interface AgentMessagesHost extends Omit<InputHost, "clientPolicy" | "permissions"> {
  readonly clientRequests: ClientRequests;
  readonly permissions: () => InputHost["permissions"];
  readonly runningTurn: () => Turn | undefined;
  /** Serves what no client does; undefined while no process serves the session. */
  readonly localClient: () => LocalClient | undefined;
  readonly append: (body: EventBody, extraJson?: JsonBytes) => void;
}

/** Members of a session/update that are told otherwise than as what it has besides. */
const KNOWN_MEMBERS: ReadonlySet<string> = new Set(["sessionId", "update"]);

/** What an agent says and asks in a session: the one becomes events, the other is answered by a person, a client or this node. */
export class AgentMessages {
  /** The agent repeats what is in the log already (session/load): its updates change facts only. */
  replaying = false;
  readonly #host: AgentMessagesHost;

  constructor(host: AgentMessagesHost) {
    this.#host = host;
  }

  notification(method: string, params: AcpParams): void {
    if (method !== "session/update") {
      this.#host.append({ case: "notification", value: { method, paramsJson: params.bytes } });
      return;
    }
    const { update } = params.values;
    const bytes = params.members.get("update") ?? toJson(null);
    if (isJsonObject(update) && this.#host.facts.updated(bytes, update)) this.#host.stateChanged();
    if (this.replaying) return;
    this.#host.append({ case: "updateJson", value: bytes }, besideUpdate(params.members));
  }

  /** @throws AcpRefusal what the agent is to be told. */
  async request(method: string, params: AcpParams, signal: AbortSignal): Promise<JsonBytes> {
    const { clientRequests, runningTurn, localClient } = this.#host;
    switch (method) {
      case "session/request_permission":
        return writeObject([["outcome", await askPermission(this.#inputHost(), params, signal)]]);
      case "elicitation/create":
        return await askQuestion(this.#inputHost(), params, signal);
      default: {
        const driver = runningTurn()?.request.driver;
        const local = localClient();
        if (local?.serves(method) && !clientRequests.serves(method, driver))
          return await local.request(method, params, signal);
        return await clientRequests.ask(method, params.bytes, driver, signal);
      }
    }
  }

  #inputHost(): InputHost {
    const { runningTurn, permissions } = this.#host;
    return {
      ...this.#host,
      clientPolicy: runningTurn()?.request.policy,
      permissions: permissions(),
    };
  }
}

/** What a session/update has besides its known members; undefined: nothing. */
function besideUpdate(members: AcpParams["members"]): JsonBytes | undefined {
  const known = (members.has("sessionId") ? 1 : 0) + (members.has("update") ? 1 : 0);
  if (members.size === known) return undefined;
  return writeObject([...members].filter(([name]) => !KNOWN_MEMBERS.has(name)));
}
