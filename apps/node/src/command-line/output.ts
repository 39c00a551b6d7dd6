import { styleText } from "node:util";

/** Where a command writes: data to standard output, notes and progress to standard error. */
export interface Output {
  /** Whether `--json` was given. */
  readonly json: boolean;
  /** Whether standard output is a terminal. */
  readonly terminal: boolean;
  /** One JSON document on a line of its own. */
  document(value: unknown): void;
  /** Text for people, as it is. */
  text(text: string): void;
  /** A line for people. */
  line(text?: string): void;
  /** A note or progress, on standard error, so that it is never mixed up with data. */
  note(text: string): void;
  /** `text` in a style of `node:util`'s `styleText`; plain where there is no terminal or `NO_COLOR` is set. */
  style(format: Parameters<typeof styleText>[0], text: string): string;
  /** The same for standard error. */
  noteStyle(format: Parameters<typeof styleText>[0], text: string): string;
}

export interface OutputStreams {
  readonly stdout: NodeJS.WriteStream;
  readonly stderr: NodeJS.WriteStream;
}

/** An output onto the process's streams. */
export function createOutput(json: boolean, { stdout, stderr }: OutputStreams = process): Output {
  const style = (stream: NodeJS.WriteStream): Output["style"] => {
    return (format, text) => styleText(format, text, { stream, validateStream: true });
  };
  return {
    json,
    terminal: stdout.isTTY === true,
    document: (value) => void stdout.write(`${JSON.stringify(value)}\n`),
    text: (text) => void stdout.write(text),
    line: (text = "") => void stdout.write(`${text}\n`),
    note: (text) => void stderr.write(`${text}\n`),
    style: style(stdout),
    noteStyle: style(stderr),
  };
}
