import type { CommandContext } from "../context.ts";
import { parseDuration } from "../parse-duration.ts";

export interface InviteOptions {
  readonly name?: string;
  readonly expires: string;
}

/** `clawmatrix invite`: one line on standard output, with which one machine can join. */
export async function invite(context: CommandContext, options: InviteOptions): Promise<void> {
  const { output, signal } = context;
  const expiresInMs = parseDuration(options.expires, "--expires");
  const connection = await context.connect();
  const made = await connection.members().invite({ name: options.name ?? "", expiresInMs }, { signal });
  const expiresAt = new Date(Number(made.expiresAtUnixMs)).toISOString();
  if (output.json)
    return output.document({ invitation: made.invitation, expiresAt, addresses: made.addresses });
  output.line(made.invitation);
  output.note(`On the other machine: clawmatrix join ${output.noteStyle("dim", "<that line>")}`);
  output.note(
    `It holds for one machine, until ${expiresAt}, and connects to ${made.addresses.join(", ")}. Keep it secret.`,
  );
}
