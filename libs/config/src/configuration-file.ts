import { realpath } from "node:fs/promises";
import type { ConfigurationEdit, ConfigurationSource } from "./configuration.ts";
import { editText } from "./edit-text.ts";
import { holdsLiteralSecrets } from "./literal-secrets.ts";
import type { NodeConfiguration } from "./node-configuration.ts";
import { parseText } from "./parse-configuration.ts";
import { openToOthers, readOwnedText, writeSecretFile } from "./secret-file.ts";

/** Reads and checks the file. */
export async function readFile(source: ConfigurationSource): Promise<NodeConfiguration> {
  const { text, isPrivate } = await readOwnedText(source.file);
  const configuration = parseText(text, source);
  if (!isPrivate && holdsLiteralSecrets(configuration)) throw openToOthers(source.file);
  return configuration;
}

/** Changes the file, if what comes out is right. */
export async function editFile(
  source: ConfigurationSource,
  edits: readonly ConfigurationEdit[],
): Promise<NodeConfiguration> {
  const { text } = await readOwnedText(source.file);
  parseText(text, source);
  const edited = edits.reduce((current, edit) => editText(current, edit, source.file), text);
  const configuration = parseText(edited, source);
  // The file itself and not a link to it: configurations are often kept elsewhere and linked to.
  if (edited !== text) await writeSecretFile(await realpath(source.file), edited);
  return configuration;
}
