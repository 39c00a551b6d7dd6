import { spawnSync } from "node:child_process";
import { configurationJsonSchema, readConfiguration } from "@clawmatrix/config";
import { configurationSource } from "../configuration-source.ts";
import type { CommandContext } from "../context.ts";
import { wrongUsage } from "../wrong-usage.ts";

/** `clawmatrix config check`: throws with everything that is wrong. */
export async function checkConfiguration({ paths, output }: CommandContext): Promise<void> {
  await readConfiguration(configurationSource(paths));
  output.note(`${paths.configFile} is good.`);
}

/** `clawmatrix config edit`: opens it in the person's editor, and checks it afterwards. */
export async function editConfiguration(context: CommandContext): Promise<void> {
  const { paths, env } = context;
  const editor = env.VISUAL ?? env.EDITOR;
  if (editor === undefined || editor === "") {
    throw wrongUsage(
      "no editor is set",
      `Set EDITOR, or edit ${paths.configFile} as you like; it is taken over when saved.`,
    );
  }
  const [program = editor, ...args] = editor.split(" ");
  const { status, error } = spawnSync(program, [...args, paths.configFile], { stdio: "inherit" });
  if (error !== undefined) throw wrongUsage(`the editor ${program} cannot be started: ${error.message}`);
  if (status !== 0) throw wrongUsage(`the editor ended with code ${status}`);
  await checkConfiguration(context);
}

/** `clawmatrix config path`. */
export async function pathConfiguration({ paths, output }: CommandContext): Promise<void> {
  output.line(paths.configFile);
}

/** `clawmatrix config schema`: for editors that check TOML against a JSON schema. */
export async function schemaConfiguration({ output }: CommandContext): Promise<void> {
  output.line(JSON.stringify(await configurationJsonSchema(), undefined, 2));
}
