import { currentSetting } from "../state/dialog.ts";
import { EMPTY_EDITOR } from "../state/editor.ts";
import { firstAsk, formFor, type OpenSession } from "../state/open-session.ts";
import { remember } from "../state/prompt-history.ts";
import { changeOpen } from "../state/screen.ts";
import { type Ask, questionResponse } from "../state/transcript/ask.ts";
import { readFieldValue } from "../state/transcript/question-fields.ts";
import { changing, type Handlers, type Surroundings } from "./handlers.ts";

type SessionCommands =
  | "prompt.send"
  | "turn.stop"
  | "session.leave"
  | "session.settings"
  | "session.next-mode";
type Question = Extract<Ask, { kind: "question" }>;

/** Prompts, answers, stopping. */
export const sessionHandlers: Handlers<SessionCommands> = {
  "prompt.send": (surroundings) => {
    const { open } = surroundings.store.state;
    if (open === undefined) return;
    const ask = firstAsk(open);
    if (ask?.kind === "question") answerField(surroundings, open, ask, open.editor.text);
    else sendPrompt(surroundings, open);
  },
  "turn.stop": ({ store, actions }) => {
    const { open } = store.state;
    if (open === undefined) return;
    const ask = firstAsk(open);
    if (ask?.kind === "question")
      actions.answer({ id: ask.id, answer: { case: "responseJson", value: questionResponse(undefined) } });
    else if (open.transcript.turn !== undefined) actions.stop();
    store.update((state) => changeOpen(state, (current) => ({ ...current, problem: undefined })));
  },
  "session.leave": changing((state) => ({ ...state, focus: "list" })),
  "session.settings": changing((state) =>
    state.open === undefined || state.open.settings.length === 0
      ? state
      : { ...state, dialog: { kind: "settings", chosen: currentSetting(state.open.settings) } },
  ),
  "session.next-mode": ({ store, actions }) => {
    const mode = store.state.open?.settings.find(({ kind }) => kind === "mode");
    if (mode === undefined) return;
    const at = mode.choices.findIndex(({ value }) => value === mode.current);
    const next = mode.choices[(at + 1) % mode.choices.length];
    if (next !== undefined) actions.set(mode, next);
  },
};

/** A digit on an empty line, or a pasted one, answers what can be answered by a number. True: it did. */
export function answerByNumber({ actions, store }: Surroundings, text: string): boolean {
  const { open, focus } = store.state;
  if (open === undefined || focus !== "session" || open.editor.text !== "" || !/^[1-9]$/.test(text))
    return false;
  const ask = firstAsk(open);
  if (ask?.kind !== "permission") return false;
  const option = ask.options[Number(text) - 1];
  if (option === undefined) return true;
  actions.answer({ id: ask.id, answer: { case: "optionId", value: option.id } });
  return true;
}

function sendPrompt({ store, actions }: Surroundings, open: OpenSession): void {
  const { text } = open.editor;
  if (text.trim() === "" || open.sending !== undefined) return;
  store.update((state) =>
    changeOpen(state, (current) => ({
      ...current,
      editor: EMPTY_EDITOR,
      history: remember(current.history, text),
      sending: { text, ahead: 0 },
      problem: undefined,
      scroll: undefined,
    })),
  );
  actions.send(text);
}

/** Takes the answer to one field; after the last one the question is answered. */
function answerField(
  { store, actions }: Surroundings,
  open: OpenSession,
  ask: Question,
  typed: string,
): void {
  const form = formFor(open, ask);
  const field = ask.fields[form.field];
  const read = field === undefined ? { value: undefined } : readFieldValue(field, typed);
  if ("wrong" in read) {
    store.update((state) =>
      changeOpen(state, (current) => ({ ...current, form: { ...form, wrong: read.wrong } })),
    );
    return;
  }
  const values =
    field === undefined || read.value === undefined
      ? form.values
      : { ...form.values, [field.name]: read.value };
  const next = form.field + 1;
  store.update((state) =>
    changeOpen(state, (current) => ({
      ...current,
      editor: EMPTY_EDITOR,
      form: { ...form, values, field: next, wrong: "" },
    })),
  );
  if (next < ask.fields.length) return;
  actions.answer({ id: ask.id, answer: { case: "responseJson", value: questionResponse(values) } });
}
