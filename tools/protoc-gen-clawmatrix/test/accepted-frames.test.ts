import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { compareFrames, complaintAbout } from "../src/accepted-frames.ts";

const ROOT = join(import.meta.dirname, "../../..");

const ACCEPTED = "# comment\nframe 1 p.A NONE INTERACTIVE\nframe 2 p.B CALL_ID BULK\n";

test("the protocol's frames and methods are the accepted ones", () => {
  const accepted = readFileSync(join(ROOT, "proto/frames.txt"), "utf8");
  const current = readFileSync(join(ROOT, "libs/protocol/src/gen/clawmatrix/v1/frames.txt"), "utf8");
  expect(complaintAbout(compareFrames(accepted, current)) ?? "nothing to say").toBe("nothing to say");
});

test("a table that is the same is accepted, whatever its comments and order", () => {
  expect(
    complaintAbout(compareFrames(ACCEPTED, "frame 2 p.B CALL_ID BULK\nframe 1 p.A NONE INTERACTIVE\n")),
  ).toBeUndefined();
});

test("a new frame has to be accepted by name", () => {
  const complaint = complaintAbout(compareFrames(ACCEPTED, `${ACCEPTED}frame 3 p.C NONE BULK\n`));
  expect(complaint).toContain("+ frame 3 p.C NONE BULK");
  expect(complaint).toContain("node proto/accept-frames.mjs");
});

test("a changed dedup class is told from a new frame, and not accepted along with one", () => {
  const complaint = complaintAbout(compareFrames(ACCEPTED, ACCEPTED.replace("CALL_ID", "NONE")));
  expect(complaint).toContain("- frame 2 p.B CALL_ID BULK");
  expect(complaint).toContain("+ frame 2 p.B NONE BULK");
  expect(complaint).toContain("--also-changed");
});

test("a frame that is gone is missed", () => {
  expect(complaintAbout(compareFrames(ACCEPTED, "frame 1 p.A NONE INTERACTIVE\n"))).toContain(
    "- frame 2 p.B",
  );
});
