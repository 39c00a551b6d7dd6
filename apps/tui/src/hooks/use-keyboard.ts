import { useInput, usePaste } from "ink";
import type { Surroundings } from "../control/handlers.ts";
import { paste, press } from "../control/keyboard.ts";
import { splitInput } from "../keys/key-press.ts";

/** Takes every key and paste to the commands, in the order in which they came. */
export function useKeyboard(surroundings: Surroundings): void {
  useInput((input, flags) => {
    for (const keyPress of splitInput(input, flags)) press(surroundings, keyPress);
  });
  usePaste((text) => paste(surroundings, text));
}
