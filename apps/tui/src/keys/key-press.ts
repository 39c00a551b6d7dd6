import type { Key } from "ink";

/** One key, or a run of typed text. */
export type KeyPress = { readonly key: string } | { readonly text: string };

type KeyFlag = Exclude<keyof Key, "eventType">;

const NAMED: readonly (readonly [flag: KeyFlag, name: string])[] = [
  ["upArrow", "up"],
  ["downArrow", "down"],
  ["leftArrow", "left"],
  ["rightArrow", "right"],
  ["pageUp", "pageup"],
  ["pageDown", "pagedown"],
  ["home", "home"],
  ["end", "end"],
  ["return", "enter"],
  ["escape", "esc"],
  ["tab", "tab"],
  ["backspace", "backspace"],
  ["delete", "delete"],
];

const FIRST_PRINTABLE = 0x20;
const DELETE = 0x7f;
/** The control characters that are keys of their own; the others are ctrl and a letter. */
const CONTROLS = new Map([
  ["\r", "enter"],
  ["\t", "tab"],
  ["\b", "backspace"],
  ["\u007f", "backspace"],
  ["\u001b", "esc"],
]);

/**
 * The keys in one chunk of input, in order. Text and Enter often come together (slow links, `tmux send-keys "x" Enter`);
 * here they are told apart.
 */
export function splitInput(input: string, flags: Key): KeyPress[] {
  if (flags.eventType === "release") return [];
  const named = NAMED.find(([flag]) => flags[flag]);
  if (named !== undefined) return [{ key: withModifiers(named[1], flags) }];
  if (flags.ctrl || flags.meta)
    return input === "" ? [] : [{ key: withModifiers(input.toLowerCase(), flags) }];
  return splitText(input);
}

function withModifiers(name: string, { ctrl, meta, shift }: Key): string {
  const shifted = shift && name.length > 1;
  return `${ctrl ? "ctrl-" : ""}${meta && name !== "esc" ? "alt-" : ""}${shifted ? "shift-" : ""}${name}`;
}

function splitText(input: string): KeyPress[] {
  const presses: KeyPress[] = [];
  let run = "";
  const flush = () => {
    if (run !== "") presses.push({ text: run });
    run = "";
  };
  for (const character of input) {
    const code = character.codePointAt(0) ?? 0;
    if (code >= FIRST_PRINTABLE && code !== DELETE) {
      run += character;
      continue;
    }
    flush();
    presses.push({ key: CONTROLS.get(character) ?? `ctrl-${String.fromCharCode(code + 0x60)}` });
  }
  flush();
  return presses;
}
