import { existsSync, readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const CORPUS = fileURLToPath(new URL("../corpus/", import.meta.url));

/** An input that was a finding once, under a name that says what it found. */
export interface Regression {
  readonly target: string;
  readonly name: string;
  readonly input: Uint8Array;
}

/** All of them: `corpus/TARGET/NAME.hex`. */
export function readCorpus(): readonly Regression[] {
  if (!existsSync(CORPUS)) return [];
  return readdirSync(CORPUS, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .flatMap(({ name: target }) =>
      readdirSync(`${CORPUS}${target}`).map((file) => ({
        target,
        name: file.replace(/\.hex$/, ""),
        input: Buffer.from(readFileSync(`${CORPUS}${target}/${file}`, "utf8").trim(), "hex"),
      })),
    );
}
