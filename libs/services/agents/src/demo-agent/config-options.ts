import type { SessionConfigOption } from "@agentclientprotocol/sdk";

export type Pace = "normal" | "fast" | "instant";
export type Verbosity = "brief" | "detailed";

export interface ConfigValues {
  /** How far apart the pieces of `slow`, `plan` and `think` are. */
  readonly pace: Pace;
  /** Whether a thought is shown before each tool call. */
  readonly verbosity: Verbosity;
}

export const DEFAULT_CONFIG: ConfigValues = Object.freeze({ pace: "normal", verbosity: "brief" });

/** Milliseconds between two pieces. */
export const PACE_MS: Readonly<Record<Pace, number>> = { normal: 100, fast: 10, instant: 0 };

const VERBOSITIES: readonly Verbosity[] = ["brief", "detailed"];

/** The options with one changed, or undefined where there is no such option or value. */
export function withConfigValue(values: ConfigValues, id: string, value: unknown): ConfigValues | undefined {
  if (id === "pace" && typeof value === "string" && Object.hasOwn(PACE_MS, value)) {
    return { ...values, pace: value as Pace };
  }
  if (id === "verbosity" && VERBOSITIES.includes(value as Verbosity)) {
    return { ...values, verbosity: value as Verbosity };
  }
  return undefined;
}

/** The options as ACP shows them. */
export function configOptions(values: ConfigValues): SessionConfigOption[] {
  return [
    {
      type: "select",
      id: "pace",
      name: "Pace",
      description: "How far apart the pieces of an answer are",
      currentValue: values.pace,
      options: [
        { value: "normal", name: "Normal", description: "100 ms apart" },
        { value: "fast", name: "Fast", description: "10 ms apart" },
        { value: "instant", name: "Instant", description: "As fast as they can be written" },
      ],
    },
    {
      type: "select",
      id: "verbosity",
      name: "Verbosity",
      description: "Whether a thought is shown before each tool call",
      currentValue: values.verbosity,
      options: [
        { value: "brief", name: "Brief" },
        { value: "detailed", name: "Detailed" },
      ],
    },
  ];
}
