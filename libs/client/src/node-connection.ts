import { connect, type Socket } from "node:net";
import type { Clock, Random } from "@clawmatrix/environment";
import { type Logger, silentLogger } from "@clawmatrix/environment";
import type { NodeId } from "@clawmatrix/identity";
import {
  AgentService,
  type AgentServiceClient,
  DiagnosticService,
  type DiagnosticServiceClient,
  LocalService,
  type LocalServiceClient,
  MemberService,
  type MemberServiceClient,
  StatusCode,
  StatusError,
} from "@clawmatrix/protocol";
import { createClient, overConduit, StreamConduit } from "@clawmatrix/rpc";

/** Characters of a client id: enough that no two clients of a node meet. */
const CLIENT_ID_BYTES = 9;

export interface ConnectOptions {
  /** The node's Unix socket or named pipe. */
  readonly socket: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger?: Logger;
}

/**
 * A client's connection to its local node. Each call goes to the local node itself, or, with a node id, through it to
 * that node.
 */
export interface NodeConnection {
  /** Tells this client apart from others on the same node. */
  readonly clientId: string;
  agents(target?: NodeId): AgentServiceClient;
  diagnostics(target?: NodeId): DiagnosticServiceClient;
  members(target?: NodeId): MemberServiceClient;
  local(): LocalServiceClient;
  /** Resolves when the connection is gone, whoever ended it. */
  readonly closed: Promise<void>;
  close(): Promise<void>;
}

/** Connects to the local node. @throws StatusError FAILED_PRECONDITION "node-not-running", PERMISSION_DENIED. */
export async function connectToNode(options: ConnectOptions): Promise<NodeConnection> {
  const { clock, random, logger = silentLogger } = options;
  const socket = await openSocket(options.socket);
  const closed = new Promise<void>((resolve) => socket.once("close", () => resolve()));
  const conduit = new StreamConduit(socket, { role: "client", clock, logger });
  const clientId = Buffer.from(random.bytes(CLIENT_ID_BYTES)).toString("base64url");
  const calls = { clock, random, clientId };
  return {
    clientId,
    agents: (target) => createClient(AgentService, overConduit(conduit, target), calls),
    diagnostics: (target) => createClient(DiagnosticService, overConduit(conduit, target), calls),
    members: (target) => createClient(MemberService, overConduit(conduit, target), calls),
    local: () => createClient(LocalService, overConduit(conduit), calls),
    closed,
    async close() {
      socket.end();
      socket.destroySoon();
      await closed;
    },
  };
}

function openSocket(path: string): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(path);
    socket.once("connect", () => {
      socket.off("error", fail);
      resolve(socket);
    });
    const fail = (cause: NodeJS.ErrnoException): void => reject(connectFailure(path, cause));
    socket.once("error", fail);
  });
}

function connectFailure(path: string, cause: NodeJS.ErrnoException): StatusError {
  if (cause.code === "EACCES" || cause.code === "EPERM") {
    return new StatusError(
      StatusCode.PERMISSION_DENIED,
      `the node's socket ${path} belongs to another user`,
      { cause },
    );
  }
  return new StatusError(StatusCode.FAILED_PRECONDITION, "the local node is not running", {
    cause,
    reason: "node-not-running",
    hint: "Start it with `clawmatrix up`, or `clawmatrix up --detach` in the background.",
  });
}
