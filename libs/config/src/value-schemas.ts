import * as z from "zod";
import { isLoopback, parseHostPort, problemWithUrl } from "./address.ts";
import { DURATION_PATTERN, parseDuration } from "./duration.ts";
import { problemWithAgentId, problemWithModelId, problemWithNodeName } from "./names.ts";
import { expandHome } from "./paths.ts";
import { parseSize, SIZE_PATTERN } from "./size.ts";

// The kinds of values that a configuration holds. `title` names the kind in the reference.

/** The longest text that a key may hold. */
const MAX_TEXT_CHARACTERS = 4_096;
/** The longest glob: it is compared with what an agent sends, whose length it multiplies. */
const MAX_PATTERN_CHARACTERS = 512;
/** Elements that a list may hold. */
export const MAX_LIST_LENGTH = 1_000;

export function text(maxCharacters = MAX_TEXT_CHARACTERS) {
  return z
    .string()
    .max(maxCharacters, `must not be longer than ${maxCharacters} characters`)
    .refine((value) => !/[\0-\x08\x0b\x0c\x0e-\x1f\x7f]/.test(value), "must not hold control characters");
}

/** A text of at least one character. */
export function word(maxCharacters = MAX_TEXT_CHARACTERS) {
  return text(maxCharacters).min(1, "must not be empty");
}

export function list<T extends z.ZodType>(element: T, maxLength = MAX_LIST_LENGTH) {
  return z.array(element).max(maxLength, `must not hold more than ${maxLength} elements`);
}

/** Program and arguments. */
export function commandLine() {
  return z
    .array(text())
    .min(1, 'must name a program, as in ["program", "argument"]')
    .max(MAX_LIST_LENGTH, `must not hold more than ${MAX_LIST_LENGTH} elements`)
    .refine((parts) => parts[0] !== "", "must name a program")
    .meta({ title: "program and arguments" });
}

export function wholeNumber(min: number, max: number) {
  const message = `must be a whole number from ${min} to ${max}`;
  return z.int(message).min(min, message).max(max, message).meta({ title: "number" });
}

/** Milliseconds, written with a unit. */
export function duration(minMs: number, maxMs: number) {
  return z
    .string()
    .regex(DURATION_PATTERN, 'must be a duration such as "500ms", "60s", "5m", "1h30m"')
    .transform((value) => parseDuration(value) ?? Number.POSITIVE_INFINITY)
    .refine((ms) => ms >= minMs && ms <= maxMs, `must be between ${minMs} ms and ${maxMs / 1_000} s`)
    .meta({ title: "duration" });
}

/** Bytes, written with a unit. */
export function size(minBytes: number, maxBytes: number) {
  return z
    .string()
    .regex(SIZE_PATTERN, 'must be a size such as "512KiB" or "64MiB"')
    .transform((value) => parseSize(value) ?? Number.POSITIVE_INFINITY)
    .refine(
      (bytes) => bytes >= minBytes && bytes <= maxBytes,
      `must be between ${minBytes} and ${maxBytes} bytes`,
    )
    .meta({ title: "size" });
}

export function hostPort() {
  return z
    .string()
    .transform((value, context) => {
      const parsed = parseHostPort(value);
      if (parsed !== undefined) return parsed;
      const message = 'must be HOST:PORT, as in "0.0.0.0:19000" or "[::1]:19000"';
      context.issues.push({ code: "custom", message, input: value });
      return z.NEVER;
    })
    .meta({ title: "HOST:PORT" });
}

export function loopbackHostPort() {
  return hostPort()
    .refine(
      ({ host }) => isLoopback(host),
      "must be an address of this machine only: 127.0.0.1, [::1] or localhost",
    )
    .meta({ title: "HOST:PORT" });
}

export function peerUrl() {
  return checked((value) => problemWithUrl(value, ["ws:", "wss:"])).meta({ title: "ws:// or wss:// URL" });
}

export function providerUrl() {
  return checked((value) => problemWithUrl(value, ["http:", "https:"]))
    .transform((value) => value.replace(/\/+$/, ""))
    .meta({ title: "http:// or https:// URL" });
}

export function nodeName() {
  return checked(problemWithNodeName).meta({ title: "name" });
}

export function agentId() {
  return checked(problemWithAgentId).meta({ title: "id" });
}

export function modelId() {
  return checked(problemWithModelId).meta({ title: "id" });
}

/** An absolute directory; `~` is the home directory. */
export function directory() {
  return checked((value) =>
    /^(?:\/|~$|~[/\\]|[A-Za-z]:[/\\]|\\\\)/.test(value) && !value.includes("\0")
      ? undefined
      : "must be an absolute path, or begin with ~/",
  )
    .max(MAX_TEXT_CHARACTERS, "is too long for a path")
    .meta({ title: "directory" });
}

/** An absolute path of a file; `~` is the home directory. */
export function file() {
  return directory().meta({ title: "file" });
}

/** The directories, absolute; without any, the home directory. */
export function expandDirectories(
  directories: readonly string[],
  homedir: string,
): readonly [string, ...string[]] {
  const [first = homedir, ...rest] = directories.map((each) => expandHome(each, homedir));
  return [first, ...rest];
}

const ENVIRONMENT_NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** Name of an environment variable. */
export function environmentName() {
  return z.string().regex(ENVIRONMENT_NAME, "must be the name of an environment variable");
}

/** A text, `{env = "NAME"}` or `{command = ["program", …]}`. Its value is not part of any error. */
export function secret() {
  return z
    .union([text(), z.strictObject({ env: environmentName() }), z.strictObject({ command: commandLine() })], {
      error: 'must be a text, {env = "NAME"} or {command = ["program", "argument"]}',
    })
    .meta({ title: "secret" });
}

/** Names of HTTP headers and what is sent in them. */
export function headers() {
  return z
    .record(z.string().regex(/^[A-Za-z0-9-]{1,64}$/, "must be the name of a header"), secret())
    .prefault({})
    .meta({ title: "table of secrets" });
}

/** A glob over paths, in the one form that matching knows: absolute, from the home directory, or from the session's. */
export function pathPattern() {
  return checked(problemWithPathPattern)
    .max(MAX_PATTERN_CHARACTERS, `must not be longer than ${MAX_PATTERN_CHARACTERS} characters`)
    .meta({ title: "glob" });
}

function problemWithPathPattern(value: string): string | undefined {
  if (!/^(?:\/|~\/|\.\/|\*\*\/|[A-Za-z]:\/)/.test(value))
    return "must begin with / or ~/, with ./ for the session's directory, or with **/ for anywhere";
  if (/[\\\0-\x1f]/.test(value)) return "must have / between folders, and no other special characters";
  if (value.split("/").includes("..")) return "must not hold ..";
  return value.endsWith("/") ? "must not end with /: write /** for everything in a folder" : undefined;
}

function checked(problem: (value: string) => string | undefined) {
  return z.string().superRefine((value, context) => {
    const message = problem(value);
    if (message !== undefined) context.addIssue({ code: "custom", message });
  });
}
