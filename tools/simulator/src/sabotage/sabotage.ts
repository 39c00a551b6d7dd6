import type { FrameConduit } from "@clawmatrix/mesh";

/** Protections taken away, for tests which show that a world without them is found out. */
export interface Sabotage {
  /** Put between the channels and those who serve calls. */
  readonly conduit?: (conduit: FrameConduit) => FrameConduit;
  /** What becomes of each packet of a channel on its way. */
  readonly packet?: (packet: Buffer) => Buffer;
  /** Nodes that start again do not know what they have executed. */
  readonly forgetsCalls?: boolean;
  /** Nodes serve the calls of whoever has a channel with them, and open channels with anybody. */
  readonly opensDoors?: boolean;
}
