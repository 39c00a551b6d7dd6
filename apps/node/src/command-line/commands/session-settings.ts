import { findSession } from "@clawmatrix/client";
import type { AgentServiceClient, SessionInfo } from "@clawmatrix/protocol";
import type { CommandContext } from "../context.ts";
import { renderTable } from "../table.ts";
import { listOf, parseShape, textOf } from "../turn/acp-shapes.ts";
import { wrongUsage } from "../wrong-usage.ts";
import { readStatus } from "./status.ts";

/** ACP's SessionModeState, as far as it is shown. */
interface ModesShape {
  readonly currentModeId?: string;
  readonly availableModes?: readonly ModeShape[];
}

interface ModeShape {
  readonly id?: string;
  readonly name?: string;
  readonly description?: string;
}

/** ACP's SessionConfigOption, as far as it is shown. */
interface OptionShape {
  readonly id?: string;
  readonly name?: string;
  readonly type?: string;
  readonly currentValue?: unknown;
  /** Values, or groups of them. */
  readonly options?: unknown;
}

interface ChoiceShape {
  readonly value?: unknown;
}

/** `clawmatrix session mode ID [MODE]`: the modes of a session, or another one from now on. */
export async function sessionMode(context: CommandContext, id: string, modeId?: string): Promise<void> {
  const { output, signal } = context;
  const { client, info } = await find(context, id);
  if (modeId !== undefined) {
    const known = modesOf(info).available;
    if (known.length > 0 && !known.some((mode) => mode.id === modeId))
      throw wrongUsage(
        `this session has no mode "${modeId}"`,
        `it has: ${known.map((mode) => mode.id).join(", ")}`,
      );
    await client.setMode({ sessionId: info.id, modeId }, { signal });
    if (output.json) output.document({ id: info.id, mode: modeId });
    else output.note(`The mode is ${modeId}.`);
    return;
  }
  const { current, available } = modesOf(info);
  if (output.json) return output.document({ id: info.id, mode: current ?? null, modes: available });
  if (available.length === 0) return output.note("The agent of this session has no modes.");
  output.line(
    renderTable(
      ["", "MODE", "NAME", "DESCRIPTION"],
      available.map((mode) => [
        mode.id === current ? "*" : "",
        mode.id ?? "",
        mode.name ?? "",
        mode.description ?? "",
      ]),
    ),
  );
}

/** `clawmatrix session option ID [NAME VALUE]`: the options of a session, or another value of one from now on. */
export async function sessionOption(
  context: CommandContext,
  id: string,
  name?: string,
  value?: string,
): Promise<void> {
  const { output, signal } = context;
  const { client, info } = await find(context, id);
  const options = optionsOf(info);
  if (name !== undefined) {
    if (value === undefined) throw wrongUsage(`the value for "${name}" is missing`);
    const known = options.find((option) => option.id === name);
    if (known === undefined && options.length > 0)
      throw wrongUsage(
        `this session has no option "${name}"`,
        `it has: ${options.map((option) => option.id).join(", ")}`,
      );
    const valueJson = Buffer.from(JSON.stringify(known?.type === "boolean" ? isOn(value) : value));
    await client.setConfigOption({ sessionId: info.id, configId: name, valueJson }, { signal });
    if (output.json) output.document({ id: info.id, option: name, value: JSON.parse(String(valueJson)) });
    else output.note(`${name} is ${value}.`);
    return;
  }
  if (output.json) return output.document({ id: info.id, options });
  if (options.length === 0) return output.note("The agent of this session has no options.");
  output.line(
    renderTable(
      ["OPTION", "VALUE", "NAME", "CHOICES"],
      options.map((option) => [
        option.id ?? "",
        String(option.currentValue ?? ""),
        option.name ?? "",
        choicesOf(option).join(", "),
      ]),
    ),
  );
}

async function find(
  context: CommandContext,
  id: string,
): Promise<{ client: AgentServiceClient; info: SessionInfo }> {
  const { signal } = context;
  const status = await readStatus(context);
  const connection = await context.connect();
  const { session, node } = await findSession(connection, id, { status, signal });
  const client = connection.agents(node);
  // Lists leave out what only one who looks at the session needs.
  const page = await client.readHistory({ sessionId: session.id, limit: 1 }, { signal });
  return { client, info: page.session ?? session };
}

function modesOf({ modesJson }: SessionInfo) {
  const modes = parseShape<ModesShape>(modesJson);
  return { current: textOf(modes.currentModeId), available: listOf<ModeShape>(modes.availableModes) };
}

function optionsOf({ configOptionsJson }: SessionInfo): readonly OptionShape[] {
  return listOf<OptionShape>(parseShape(configOptionsJson));
}

function choicesOf({ type, options }: OptionShape): string[] {
  if (type === "boolean") return ["true", "false"];
  const groups = listOf<ChoiceShape & { readonly options?: unknown }>(options);
  const choices = groups.flatMap((group) =>
    group.options === undefined ? [group] : listOf<ChoiceShape>(group.options),
  );
  return choices.map(({ value }) => String(value));
}

/** @throws StatusError "wrong-usage" */
function isOn(value: string): boolean {
  if (/^(true|on|yes|1)$/i.test(value)) return true;
  if (/^(false|off|no|0)$/i.test(value)) return false;
  throw wrongUsage(`"${value}" is neither true nor false`);
}
