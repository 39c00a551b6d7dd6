/**
 * Accepts the frames and methods that the generator emits now into frames.txt: `node proto/accept-frames.mjs`. It only adds;
 * what is gone or changed breaks released peers and wants `--also-changed`, for as long as no release has it.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { compareFrames, complaintAbout } from "../tools/protoc-gen-clawmatrix/src/accepted-frames.ts";

const HEADER =
  "# Every frame and method that was accepted: `node proto/accept-frames.mjs` adds new ones; the others never change.\n";

const accepted = join(import.meta.dirname, "frames.txt");
const current = readFileSync(
  join(import.meta.dirname, "../libs/protocol/src/gen/clawmatrix/v1/frames.txt"),
  "utf8",
);
const changes = compareFrames(readFileSync(accepted, { encoding: "utf8", flag: "a+" }), current);
if (changes.lost.length > 0 && !process.argv.includes("--also-changed")) {
  console.error(complaintAbout(changes));
  process.exitCode = 1;
} else {
  writeFileSync(accepted, HEADER + current);
  console.log(`accepted: ${changes.added.length} new, ${changes.lost.length} gone or changed`);
}
