import type { SessionInfo } from "@clawmatrix/protocol";
import type { OpenSession } from "../state/open-session.ts";
import { readCommands, readSettings } from "../state/session-settings.ts";

/** Reads what can be set of one session, anew only where something was heard of it: events come by the thousand. */
export class SettingsReader {
  #read: readonly unknown[] = [];

  /** Settings and commands after what the session's description and its events have told. */
  after(
    info: SessionInfo | undefined,
    { transcript, settings, commands }: OpenSession,
  ): Pick<OpenSession, "settings" | "commands"> {
    const { facts } = transcript;
    const told = [info, facts.mode, facts.configOptions, facts.commands];
    if (info === undefined || told.every((value, index) => value === this.#read[index]))
      return { settings, commands };
    this.#read = told;
    return { settings: readSettings(info, facts), commands: readCommands(info, facts) };
  }
}
