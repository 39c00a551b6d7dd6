import { styleText } from "node:util";
import { expect, it } from "vitest";
import { renderTable } from "./table.ts";

it("aligns columns under their headings, whatever their colour, and leaves no space at the end", () => {
  const green = styleText("green", "up", { validateStream: false });
  const table = renderTable(
    ["NAME", "STATE", "X"],
    [
      ["a", green, ""],
      ["longer", "unreachable", "y"],
    ],
  );
  expect(table.split("\n")).toEqual(["NAME    STATE        X", `a       ${green}`, "longer  unreachable  y"]);
});
