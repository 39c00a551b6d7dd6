import { type Command, sayUsage } from "./command.ts";

/** Pieces in one answer: a day at the normal pace. */
const MAX_PIECES = 1_000_000;
/** At the instant pace, messages that came in are looked at this often, so that the turn can be cancelled. */
const PIECES_WITHOUT_PAUSE = 100;

export const slow: Command = {
  name: "slow",
  input: "<n>",
  description: "Answers in n pieces, 100 ms apart (see the option pace)",
  async run(argument, turn) {
    const pieces = /^\d{1,7}$/.test(argument) ? Number(argument) : 0;
    if (pieces < 1 || pieces > MAX_PIECES) return sayUsage(slow, turn, `slow 20 (at most ${MAX_PIECES})`);
    for (let piece = 1; piece <= pieces; piece++) {
      await turn.say(`${piece}${piece < pieces ? " " : "\n"}`);
      const due = turn.session.config.pace !== "instant" || piece % PIECES_WITHOUT_PAUSE === 0;
      if (piece < pieces && due) await turn.pause();
    }
  },
};
