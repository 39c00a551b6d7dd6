import { Option } from "commander";

/** `--permission`, of every command that drives a turn. */
export function permissionFlag(): Option {
  return new Option(
    "--permission <policy>",
    "what becomes of the agent's permission requests (reads: allow what only reads)",
  )
    .choices(["ask", "allow", "deny", "reads"])
    .default("ask");
}
