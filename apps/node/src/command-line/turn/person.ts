import { createInterface } from "node:readline";

/** A person at this process's terminal, who can be asked. */
export interface Person {
  /** Asks until the answer is one of `choices` (by number, from 1); undefined when the question was withdrawn. */
  choose(question: string, choices: readonly string[], signal: AbortSignal): Promise<number | undefined>;
  /** Asks for a line of text; undefined when the question was withdrawn. */
  ask(question: string, signal: AbortSignal): Promise<string | undefined>;
  /** Tells why an answer will not do. */
  say(text: string): void;
}

/** Whoever sits at the terminal; undefined where there is none. */
export function personAtTerminal(): Person | undefined {
  if (process.stdin.isTTY !== true || process.stderr.isTTY !== true) return undefined;
  const ask: Person["ask"] = (question, signal) =>
    new Promise((resolve) => {
      const lines = createInterface({ input: process.stdin, output: process.stderr });
      const finish = (answer: string | undefined): void => {
        // Before it closes: closing withdraws the question, and the first answer counts.
        resolve(answer);
        signal.removeEventListener("abort", withdraw);
        lines.close();
      };
      const withdraw = (): void => finish(undefined);
      signal.addEventListener("abort", withdraw);
      lines.on("close", withdraw);
      // In raw mode ctrl-c is a character: it is handed on as the signal that it stands for.
      lines.on("SIGINT", () => process.kill(process.pid, "SIGINT"));
      lines.question(question, finish);
      if (signal.aborted) withdraw();
    });
  return {
    ask,
    say: (text) => void process.stderr.write(`${text}\n`),
    async choose(question, choices, signal) {
      process.stderr.write(
        `${question}\n${choices.map((choice, index) => `  ${index + 1}) ${choice}\n`).join("")}`,
      );
      for (;;) {
        const answer = await ask(`choose 1-${choices.length}: `, signal);
        if (answer === undefined) return undefined;
        const number = Number(answer.trim());
        if (Number.isInteger(number) && number >= 1 && number <= choices.length) return number - 1;
      }
    },
  };
}
