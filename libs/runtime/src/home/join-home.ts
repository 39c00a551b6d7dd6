import { nodeNameFromHost } from "@clawmatrix/config";
import { type Clock, silentLogger } from "@clawmatrix/environment";
import { Identity } from "@clawmatrix/identity";
import { type Invitation, parseInvitation, WebSocketTransport } from "@clawmatrix/mesh";
import { acquireHomeLock, openStore } from "@clawmatrix/store";
import { AdmissionSeeker, type AdmissionState } from "../admission-seeker.ts";
import { MeshStack } from "../mesh-stack.ts";
import { type CreatedHome, type CreateHomeOptions, writeHome } from "./create-home.ts";
import { requireFreshHome } from "./home-state.ts";
import type { MeshFile } from "./mesh-file.ts";

export interface JoinHomeOptions extends CreateHomeOptions {
  readonly invitation: string;
  /** Says through which proxies the mesh is dialled. */
  readonly env: NodeJS.ProcessEnv;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: string) => void;
}

export interface JoinedHome extends CreatedHome {
  /** "unreachable": the home is made, and `up` goes on trying. */
  readonly admission: "admitted" | "pending" | "unreachable";
  /** Why it is not admitted, in a few words; empty if it is. */
  readonly why: string;
}

/** How long the mesh may take to answer before the home is left to `up`, in milliseconds. */
const ANSWER_MS = 10_000;

/**
 * Makes a home that belongs to the mesh of an invitation, and asks the mesh to let it in.
 * @throws StatusError "home-in-use", and what `parseInvitation` throws.
 */
export async function joinHome(options: JoinHomeOptions): Promise<JoinedHome> {
  const { clock, random, source, listen, onProgress } = options;
  requireFreshHome(options.paths);
  const invitation = parseInvitation(options.invitation);
  const name = options.name ?? (invitation.proposedName || nodeNameFromHost(source.hostname));
  const identity = Identity.generate(random);
  const mesh = meshFileOf(invitation, identity, name, clock);
  const peers = [...invitation.addresses];
  await writeHome(options, identity, mesh, { name, peers, ...(listen === undefined ? {} : { listen }) });
  onProgress?.(`asking ${peers.join(", ")} to let ${name} in`);
  const state = await askOnce(options, identity, mesh, name, peers);
  const created = { name, nodeId: identity.nodeId };
  if (state.state === "admitted") return { ...created, admission: "admitted", why: "" };
  if (state.state === "unreachable") return { ...created, admission: "unreachable", why: state.message };
  const expired = invitation.hasExpired(clock.now());
  const until = new Date(invitation.expiresAt).toISOString();
  return {
    ...created,
    admission: "pending",
    why: expired ? `the invitation was good until ${until}` : state.message,
  };
}

function meshFileOf(invitation: Invitation, identity: Identity, name: string, clock: Clock): MeshFile {
  const { secret, mesh, chain } = invitation;
  // An invitation that has expired still says where the mesh is: an operator can approve.
  const admission = invitation.hasExpired(clock.now())
    ? undefined
    : invitation.use(identity, name, clock.now());
  return { secret, founder: mesh.founder, entries: chain, admission };
}

/** Links up for as long as it takes to get an answer. What the mesh tells of its members is kept in the store. */
async function askOnce(
  { paths, clock, random, env, signal }: JoinHomeOptions,
  identity: Identity,
  mesh: MeshFile,
  name: string,
  peers: readonly string[],
): Promise<AdmissionState> {
  const lock = acquireHomeLock(paths);
  const { store } = openStore({ file: paths.storeFile, clock });
  const stack = new MeshStack({
    identity,
    mesh,
    store,
    clock,
    random,
    logger: silentLogger,
    transport: new WebSocketTransport({ env }),
    description: { name, softwareVersion: "", relays: false },
    peers,
  });
  const common = { stack, identity, name, admission: mesh.admission, clock, random, logger: silentLogger };
  const seeker = new AdmissionSeeker(common);
  try {
    await stack.start();
    return await new Promise((resolve) => {
      const settle = (state: AdmissionState): void => {
        if (state.state === "unreachable") return;
        timer.cancel();
        resolve(state);
      };
      const timer = clock.schedule(ANSWER_MS, () => resolve(seeker.state), { keepAlive: true });
      signal?.addEventListener("abort", () => resolve(seeker.state), { once: true });
      seeker.onChange(settle);
      seeker.start();
    });
  } finally {
    seeker.stop();
    await stack.stop();
    store.close();
    lock.release();
  }
}
