import { systemRandom } from "@clawmatrix/environment";
import { type FrameConduit, FrameFlag } from "@clawmatrix/mesh";
import {
  CallHeader,
  Priority,
  type StatusError,
  StreamOpen,
  TerminalService,
  TerminalServiceOpenResponse,
} from "@clawmatrix/protocol";
import { RawCall } from "@clawmatrix/rpc";

export interface FramesToSend {
  readonly count: number;
  /** The payload of a frame, by its place from 0 on. */
  readonly payloadOf: (index: number) => Uint8Array;
  /** The call is over. */
  readonly ended?: (error: StatusError | undefined) => void;
}

/** Sends frames in one call of its own, as fast as the other side gives credit; the last one ends its direction. */
export function sendFrames(channel: FrameConduit, { count, payloadOf, ended }: FramesToSend): void {
  const { number: type, dedupClass } = TerminalServiceOpenResponse;
  const header = CallHeader.encode({
    callId: systemRandom.bytes(16),
    method: TerminalService.methods.open.number,
  });
  const opening = {
    type: StreamOpen.number,
    flags: StreamOpen.dedupClass,
    header,
    payload: new Uint8Array(0),
  };
  let sent = 0;
  const sendOn = (): void => {
    while (sent < count && call.credit > 0) {
      const payload = payloadOf(sent++);
      call.send(type, dedupClass | (sent === count ? FrameFlag.END : 0), payload);
    }
  };
  const call = RawCall.open(channel, Priority.INTERACTIVE, opening, {
    frame: () => undefined,
    credit: sendOn,
    ended: (error) => ended?.(error),
  });
  sendOn();
}
