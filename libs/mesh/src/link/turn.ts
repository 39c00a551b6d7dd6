import type { Clock } from "@clawmatrix/environment";

/** When what has collected during a turn of the event loop is sent. */
export interface Turn {
  /** Calls back once, when what is being handled now has been handled. */
  soon(callback: () => void): void;
}

/** After the sockets that have something to read now have been read. */
export const eventLoopTurn: Turn = {
  soon: (callback) => {
    setImmediate(callback);
  },
};

/** As the clock's next timer, without delay: for virtual time. */
export function clockTurn(clock: Clock): Turn {
  return {
    soon: (callback) => {
      clock.schedule(0, callback);
    },
  };
}
