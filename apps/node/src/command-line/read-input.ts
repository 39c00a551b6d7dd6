import { wrongUsage } from "./wrong-usage.ts";

/** The longest text that is read from standard input, in bytes: a prompt, not a disk image. */
const MAX_INPUT_BYTES = 16 * 1024 * 1024;

/** `text` itself, or for "-" what comes on standard input. @throws StatusError "wrong-usage" when it is empty or too long. */
export async function textOrInput(text: string, what: string): Promise<string> {
  const read = text === "-" ? await readInput(what) : text;
  if (read.trim() === "") throw wrongUsage(`the ${what} is empty`);
  return read;
}

async function readInput(what: string): Promise<string> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of process.stdin as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > MAX_INPUT_BYTES) throw wrongUsage(`the ${what} on standard input is longer than 16 MiB`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}
