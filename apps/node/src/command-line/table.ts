import { stripVTControlCharacters } from "node:util";

/** Rows as aligned columns under a heading, two spaces apart; the last column is not padded. */
export function renderTable(heading: readonly string[], rows: readonly (readonly string[])[]): string {
  const all = [heading, ...rows];
  const widths = heading.map((_, column) => Math.max(...all.map((row) => widthOf(row[column] ?? ""))));
  return all
    .map((row) =>
      row
        .map((cell, column) =>
          column === row.length - 1 ? cell : cell + " ".repeat(widths[column]! - widthOf(cell)),
        )
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

function widthOf(cell: string): number {
  return [...stripVTControlCharacters(cell)].length;
}
