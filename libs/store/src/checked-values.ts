import { StatusCode, StatusError } from "@clawmatrix/protocol";

/** What goes into the store is checked first, so that a mistake is an error here and not a row that nobody can read. */
export function checkText(name: string, value: string, maxCharacters: number, minCharacters = 0): string {
  if (typeof value !== "string" || value.length < minCharacters || value.length > maxCharacters) {
    throw invalid(`${name} must be a text of ${minCharacters} to ${maxCharacters} characters`);
  }
  return value;
}

/** Bytes of a length between the two bounds, both included. */
export function checkBytes(name: string, value: Uint8Array, maxBytes: number, minBytes = 0): Uint8Array {
  if (!(value instanceof Uint8Array) || value.length < minBytes || value.length > maxBytes) {
    throw invalid(`${name} must be ${minBytes} to ${maxBytes} bytes`);
  }
  return value;
}

/** A whole number between the two bounds, both included. Also for times (ms since 1970). */
export function checkInteger(name: string, value: number, min = 0, max = Number.MAX_SAFE_INTEGER): number {
  if (!Number.isSafeInteger(value) || value < min || value > max) {
    throw invalid(`${name} must be a whole number from ${min} to ${max}`);
  }
  return value;
}

/** The text of a JSON document. */
export function checkJson(name: string, value: string, maxCharacters: number): string {
  checkText(name, value, maxCharacters);
  try {
    JSON.parse(value);
  } catch (cause) {
    throw new StatusError(StatusCode.INVALID_ARGUMENT, `${name} must be JSON`, { cause });
  }
  return value;
}

function invalid(message: string): StatusError {
  return new StatusError(StatusCode.INVALID_ARGUMENT, message);
}
