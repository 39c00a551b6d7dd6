import { VirtualClock } from "@clawmatrix/environment";
import { within } from "../within.ts";
import type { SocketMesh, SocketNode } from "./socket-mesh.ts";
import { type Direction, type Line, type Passage, TcpProxy } from "./tcp-proxy.ts";

/** What happens to one byte of a connection. */
export interface Damage {
  readonly kind: "cut" | "flip";
  readonly direction: Direction;
  /** The first byte that does not arrive, or the one that arrives changed. */
  readonly at: number;
}

/** What became of one connection. */
export interface Attempt {
  /** The node that was dialled took it for a link. */
  readonly linked: boolean;
  /** Both sides waited for what would never come, until the one that was dialled gave up. */
  readonly hung: boolean;
  /** What the dialling node says of it. */
  readonly reason: string;
  /** All that came through. */
  readonly bytes: Readonly<Record<Direction, Buffer>>;
}

/** When nothing has come through for so long, both sides wait for each other. */
const QUIET_MS = 150;
const HANDSHAKE_TIMEOUT_MS = 10_000;
/** What is closed is told by both sides; where damage hides that from one of them, the proxy helps after this time. */
const CLOSE_MS = 300;
const ATTEMPT_MS = 20_000;

/** A node that dials another one through a proxy, which does one damage to each connection. */
export class DamagedDialer {
  readonly #server: SocketNode;
  readonly #serverClock: VirtualClock;
  #node: SocketNode | undefined;
  #proxy: TcpProxy | undefined;
  #damage: Damage | undefined;
  #attempts = 0;
  #passage: Passage | undefined;
  #look: () => void = () => undefined;
  #bytes: Record<Direction, Buffer[]> = { up: [], down: [] };

  private constructor(server: SocketNode, serverClock: VirtualClock) {
    this.#server = server;
    this.#serverClock = serverClock;
  }

  static async start(mesh: SocketMesh, name: string, server: SocketNode, serverClock: VirtualClock) {
    const dialer = new DamagedDialer(server, serverClock);
    // On a clock that stands still it never dials a second time.
    dialer.#node = await mesh.start(name, { clock: new VirtualClock() });
    dialer.#proxy = await TcpProxy.start({
      targetPort: server.port,
      line: () => dialer.#line(),
      onBytes: () => dialer.#look(),
      onPassage: (passage) => {
        dialer.#passage = passage;
        void passage.closed.then(() => dialer.#look());
      },
    });
    return dialer;
  }

  /** Dials once. Resolves when nothing of the connection is left on either side. */
  async dial(damage?: Damage): Promise<Attempt> {
    this.#damage = damage;
    this.#bytes = { up: [], down: [] };
    this.#passage = undefined;
    const { mesh } = this.#node!;
    let [linked, hung] = [false, false];
    const number = String(++this.#attempts).padStart(5, "0");
    const settled = this.#until(() => (linked ||= this.#isLinked));
    // Another path is another address: it is dialled at once.
    mesh.setPeers([`ws://127.0.0.1:${this.#proxy!.port}/${number}`]);
    hung = (await settled) === "quiet";
    if (hung) this.#serverClock.advance(HANDSHAKE_TIMEOUT_MS);
    const passage = this.#passage as Passage | undefined;
    if (linked) passage?.cut();
    const late = setTimeout(() => passage?.cut(), CLOSE_MS);
    await within(ATTEMPT_MS, `${JSON.stringify(damage)} ends`, passage?.closed ?? Promise.resolve());
    clearTimeout(late);
    await this.#gone();
    const { up, down } = this.#bytes;
    const bytes = { up: Buffer.concat(up), down: Buffer.concat(down) };
    return { linked, hung, reason: mesh.dialers()[0]?.reason ?? "", bytes };
  }

  async stop(): Promise<void> {
    await this.#proxy?.close();
  }

  get #isLinked(): boolean {
    const here = this.#node!.mesh.nodeId;
    return this.#server.mesh.neighbours().some(({ id }) => id === here);
  }

  /** Resolves when the connection is over or a link, or when nothing comes through any more. */
  #until(isLinked: () => boolean): Promise<"over" | "quiet"> {
    const { promise, resolve } = Promise.withResolvers<"over" | "quiet">();
    let over = false;
    let quiet = setTimeout(() => resolve("quiet"), ATTEMPT_MS);
    const endWatch = this.#server.mesh.onNodesChange(() => this.#look());
    this.#look = () => {
      clearTimeout(quiet);
      if (isLinked() || over) return resolve("over");
      quiet = setTimeout(() => resolve("quiet"), QUIET_MS);
      void this.#passage?.closed.then(() => {
        over = true;
        this.#look();
      });
    };
    return promise.finally(() => {
      clearTimeout(quiet);
      endWatch();
      this.#look = () => undefined;
    });
  }

  /** Both nodes have noticed the end of their connection. */
  async #gone(): Promise<void> {
    const { mesh } = this.#node!;
    const isGone = () =>
      !this.#isLinked && mesh.neighbours().length === 0 && mesh.dialers()[0]?.state === "waiting";
    const watch = async (): Promise<void> => {
      while (!isGone()) await new Promise((resolve) => setImmediate(resolve));
    };
    await within(ATTEMPT_MS, "both nodes notice the end", watch(), () => JSON.stringify(mesh.dialers()));
  }

  #line(): Line {
    const seen: Record<Direction, number> = { up: 0, down: 0 };
    const damage = this.#damage;
    return {
      pass: (bytes, direction) => {
        const at = (damage?.at ?? 0) - seen[direction];
        seen[direction] += bytes.length;
        this.#bytes[direction].push(bytes);
        if (damage === undefined || damage.direction !== direction || at < 0 || at >= bytes.length)
          return bytes;
        if (damage.kind === "cut") return { cut: true, last: bytes.subarray(0, at) };
        const flipped = Buffer.from(bytes);
        flipped[at]! ^= 1 << (damage.at % 8);
        return flipped;
      },
    };
  }
}
