import * as z from "zod";
import { list, pathPattern, word } from "./value-schemas.ts";

/** ACP's kinds of tool calls. */
const TOOL_KINDS = [
  "read",
  "edit",
  "delete",
  "move",
  "search",
  "execute",
  "think",
  "fetch",
  "switch_mode",
  "other",
] as const;

/** The longest title that is worth a rule. */
const MAX_TITLE_CHARACTERS = 512;

/** What becomes of the permission requests that it matches. */
export const permissionRule = z.strictObject({
  kind: list(z.enum(TOOL_KINDS), TOOL_KINDS.length)
    .min(1, "must name a kind, or be left out for any")
    .optional()
    .meta({
      description: "ACP's kinds of tool calls. Default: any. What the agent gives no kind is `other`.",
      example: ["read", "search"],
    }),
  title: word(MAX_TITLE_CHARACTERS).optional().meta({
    title: "glob",
    description:
      "The command that is to run, or else the title of the tool call. `*` is any text; in a rule that allows it takes nothing that a shell would act on (`;`, `&`, `|`, `$`, `<`, line breaks, …), where `**` does. Titles and commands are written by the agent: such a rule guards against mistakes, not against an agent that lies.",
    example: "git status*",
  }),
  path: pathPattern().optional().meta({
    description:
      "The files of the tool call, symbolic links resolved: `/…`, `~/…`, `./…` from the session's directory, or `**/…`; `*` is any part of a name, `**` any folders. A rule that allows needs all of the call's files to match, another one any of them.",
    example: "~/src/docs/**",
  }),
  action: z.enum(["allow", "deny", "ask"]).meta({
    description:
      "`allow` and `deny` answer at once; `ask` asks a person, also where whoever drives the session allows everything.",
    example: "allow",
  }),
});
