import type { ConfigurationProblem } from "./configuration-error.ts";
import { mixedAgents } from "./mixed-agents.ts";
import { problemAt } from "./problems.ts";
import type { TomlDocument } from "./toml-document.ts";

/**
 * What no single key shows: ids used twice, and limits that contradict each other. Works on what is written, whether
 * or not the rest of the file is right, so that everything is reported at once.
 */
export function findContradictions(document: TomlDocument): ConfigurationProblem[] {
  return [
    ...idsUsedTwice(document, "agents"),
    ...idsUsedTwice(document, "models"),
    ...blocks(document, "agents").flatMap((agent, index) => mixedAgents(document, agent, index)),
    ...tooManyPrewarmed(document),
    ...halfOfTls(document),
  ];
}

function idsUsedTwice(document: TomlDocument, table: "agents" | "models"): ConfigurationProblem[] {
  const lines = new Map<unknown, number>();
  return blocks(document, table).flatMap(({ id }, index) => {
    if (typeof id !== "string") return [];
    const first = lines.get(id);
    const path = [table, index, "id"];
    lines.set(id, first ?? document.placeOf(path).line);
    return first === undefined ? [] : [problemAt(document, path, `is used already, in line ${first}`)];
  });
}

function tooManyPrewarmed(document: TomlDocument): ConfigurationProblem[] {
  return blocks(document, "agents").flatMap(({ prewarm, max_processes = 2 }, index) => {
    const contradicts =
      typeof prewarm === "number" && typeof max_processes === "number" && prewarm > max_processes;
    const message = `must not be more than max_processes, which is ${max_processes}`;
    return contradicts ? [problemAt(document, ["agents", index, "prewarm"], message)] : [];
  });
}

function halfOfTls(document: TomlDocument): ConfigurationProblem[] {
  const mesh = document.value.mesh as Record<string, unknown> | undefined;
  if (typeof mesh !== "object" || mesh === null) return [];
  const [given, missing] = "certificate" in mesh ? ["certificate", "key"] : ["key", "certificate"];
  if (!(given in mesh) || missing in mesh) return [];
  return [
    problemAt(document, ["mesh", given], `needs the file of the ${missing} beside it: mesh.${missing}`),
  ];
}

function blocks(document: TomlDocument, table: string): Record<string, unknown>[] {
  const value = document.value[table];
  return Array.isArray(value)
    ? value.map((each) => (typeof each === "object" && each !== null ? each : {}))
    : [];
}
