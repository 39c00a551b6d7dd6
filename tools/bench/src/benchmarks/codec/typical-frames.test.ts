import { frameTypes } from "@clawmatrix/protocol";
import { expect, test } from "vitest";
import { typicalFrames } from "./typical-frames.ts";

test("there is a typical value of every frame type, and of nothing else", () => {
  const names = frameTypes.map((type) => type.typeName.replace(/^.*\./, ""));
  expect(Object.keys(typicalFrames()).sort()).toEqual(names.toSorted());
});
