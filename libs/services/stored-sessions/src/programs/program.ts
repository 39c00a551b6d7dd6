import type { JsonObject } from "@clawmatrix/acp-wire";
import type { SessionSource } from "@clawmatrix/protocol";
import type { Update } from "../transcript/updates.ts";

/** As configurations name them. */
export type ProgramName = "openclaw" | "claude-code" | "codex";

/** A file that by its name is a transcript, and what the program's own indexes say of it. */
export interface FoundTranscript {
  /** Made of names that were listed, never of anything that a file says. */
  readonly path: string;
  /** Unique among the program's sessions. */
  readonly key: string;
  /** The id by which the program's agent would know the session. */
  readonly agentSessionId: string;
  readonly indexed: IndexedFacts;
}

/** What an index says; empty or 0 where it does not. */
export interface IndexedFacts {
  readonly title: string;
  readonly description: string;
  readonly cwd: string;
  readonly updatedAt: number;
}

export const NOT_INDEXED: IndexedFacts = Object.freeze({ title: "", description: "", cwd: "", updatedAt: 0 });

/** What a transcript says of its session. Texts as they stand there; empty or 0 where it does not say. */
export interface TranscriptFacts {
  readonly cwd: string;
  readonly title: string;
  readonly firstMessage: string;
  readonly createdAt: number;
  readonly updatedAt: number;
  /** Nobody's conversation: a sub-agent's, or a file in which nothing was said. */
  readonly hidden: boolean;
}

/** Takes in the beginning and the end of one transcript, line by line. */
export interface FactsReader {
  /** A line from the beginning, in order. True: no more are needed. */
  head(line: Buffer): boolean;
  /** A line from the end, the last one first. True: no more are needed. */
  tail(line: Buffer): boolean;
  /** `whole`: every line was seen, so what is missing is missing. */
  facts(whole: boolean): TranscriptFacts;
}

/** One line of a transcript as updates of ACP, in order; none where it shows nothing. */
export type LineConverter = (line: JsonObject) => Update[];

/** A program that keeps sessions on this machine: where, and how its transcripts are read. */
export interface Program {
  readonly name: ProgramName;
  /** For people. */
  readonly title: string;
  readonly source: SessionSource;
  /** Where it keeps everything, absolute; what moves it in the environment is honoured as the program itself does. */
  directory(env: Readonly<Record<string, string | undefined>>, home: string): string;
  /** `root`: that directory, without symbolic links. */
  find(root: string): Promise<FoundTranscript[]>;
  factsReader(): FactsReader;
  /** `beginning`: the first lines of the transcript, which say how it was written. */
  converter(beginning: readonly JsonObject[]): LineConverter;
}
