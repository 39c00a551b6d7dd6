import type { NodeConfiguration } from "./node-configuration.ts";
import type { SecretValue } from "./secret-value.ts";

/** Names of environment variables whose value nobody else should read. */
const SECRET_NAME = /KEY|TOKEN|SECRET|PASS|CREDENTIAL|AUTH/i;

/** Whether a secret is written out: a key, a header, or a variable of an agent whose name sounds like a secret. */
export function holdsLiteralSecrets({ agents, models }: NodeConfiguration): boolean {
  const isLiteral = (value: SecretValue | undefined): boolean => typeof value === "string" && value !== "";
  const withKeys = [...models, ...agents.filter((agent) => agent.kind === "http")];
  return (
    withKeys.some(({ apiKey, headers }) => isLiteral(apiKey) || Object.values(headers).some(isLiteral)) ||
    agents.some(
      (agent) =>
        agent.kind === "process" &&
        Object.entries(agent.env).some(([name, value]) => SECRET_NAME.test(name) && isLiteral(value)),
    )
  );
}
