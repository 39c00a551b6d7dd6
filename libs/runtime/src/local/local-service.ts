import type {
  CallContext,
  ForgetNodeRequest,
  ForgetNodeResponseInit,
  LocalServiceServer,
  ReloadResponseInit,
  ShutdownRequest,
  ShutdownResponseInit,
} from "@clawmatrix/protocol";

/** How long running turns may go on when nobody says otherwise, in milliseconds. */
const DEFAULT_GRACE_MS = 10_000;

/** What the owner of a node can have it do. */
export interface NodeControl {
  /** Stops the node; says what it waits for. */
  shutDown(graceMs: number): AsyncIterable<string>;
  reload(): Promise<{ readonly changed: readonly string[]; readonly restartNeeded: readonly string[] }>;
  /** @throws StatusError NOT_FOUND for a node that is not known, FAILED_PRECONDITION for one that is there. */
  forgetNode(id: Uint8Array): void;
}

/** Serves what only the clients on the node's own socket may ask. */
export class LocalControlService implements LocalServiceServer {
  readonly #control: NodeControl;

  constructor(control: NodeControl) {
    this.#control = control;
  }

  async *shutdown({ graceMs }: ShutdownRequest): AsyncGenerator<ShutdownResponseInit> {
    for await (const progress of this.#control.shutDown(graceMs === 0 ? DEFAULT_GRACE_MS : graceMs))
      yield { progress };
  }

  async reload(): Promise<ReloadResponseInit> {
    const { changed, restartNeeded } = await this.#control.reload();
    return { changed: [...changed], restartNeeded: [...restartNeeded] };
  }

  async forgetNode({ id }: ForgetNodeRequest, _context: CallContext): Promise<ForgetNodeResponseInit> {
    this.#control.forgetNode(id);
    return {};
  }
}
