import type { ConfigurationSource } from "./configuration.ts";
import { ConfigurationError } from "./configuration-error.ts";
import { fileSchema } from "./file-schema.ts";
import { findContradictions } from "./find-contradictions.ts";
import { nodeNameFromHost } from "./names.ts";
import type { NodeConfiguration } from "./node-configuration.ts";
import { nodeConfigurationOf } from "./node-configuration-of.ts";
import { problemsOf, wordMessage } from "./problems.ts";
import { parseTomlDocument, type TomlDocument } from "./toml-document.ts";

/** Checks a text as if it were the file. @throws ConfigurationError with all problems. */
export function parseText(text: string, source: ConfigurationSource): NodeConfiguration {
  return checkDocument(parseTomlDocument(text.replace(/^\uFEFF/, ""), source.file), source);
}

/** Checks a document. @throws ConfigurationError with all problems. */
export function checkDocument(document: TomlDocument, source: ConfigurationSource): NodeConfiguration {
  const result = fileSchema.safeParse(document.value, { error: wordMessage, jitless: true });
  const problems = result.success ? [] : problemsOf(result.error.issues, document);
  problems.push(...findContradictions(document));
  if (!result.success || problems.length > 0) throw new ConfigurationError(source.file, problems);
  return nodeConfigurationOf(result.data, source.homedir, nodeNameFromHost(source.hostname));
}
