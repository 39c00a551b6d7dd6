import { isJsonObject, type JsonObject } from "@clawmatrix/acp-wire";

/** The object that a line holds; undefined for anything else: a line that is still being written, rubbish, other values. */
export function parseLine(line: Buffer): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(line.toString());
    return isJsonObject(value) ? value : undefined;
  } catch {
    return undefined; // Formats drift and writers are killed: what cannot be read is left out.
  }
}

/** The object under a name; an empty one where there is none. */
export function objectIn(value: JsonObject, name: string): JsonObject {
  const member = value[name];
  return isJsonObject(member) ? member : {};
}

export function textIn(value: JsonObject, name: string): string {
  const member = value[name];
  return typeof member === "string" ? member : "";
}

/** The objects of a list under a name. */
export function objectsIn(value: JsonObject, name: string): JsonObject[] {
  const member = value[name];
  return Array.isArray(member) ? member.filter(isJsonObject) : [];
}

/** The latest time that fits what lists and cursors are made for: the end of the year 9999. */
const LATEST = 253_402_300_799_999;

/** A time in milliseconds since 1970, from ISO 8601 or a number of milliseconds; 0 where it is none. */
export function timeIn(value: JsonObject, name: string): number {
  const member = value[name];
  const time =
    typeof member === "string" ? Date.parse(member) : typeof member === "number" ? member : Number.NaN;
  return time > 0 && time <= LATEST ? Math.trunc(time) : 0;
}
