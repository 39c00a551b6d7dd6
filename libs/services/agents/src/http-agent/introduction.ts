/** Under which the node tells the agent of its endpoint, in `_meta` of ACP's `initialize`. */
export const HTTP_AGENT_KEY = "clawmatrix.dev/http-agent";

/** Everything that the agent has to know: none of it stands among its arguments or in its environment. */
export interface HttpAgentIntroduction {
  /** http:// or https://; `/chat/completions` and `/models` follow its path. */
  readonly url: string;
  readonly model: string;
  /** Sent as `Authorization: Bearer`; empty: nothing is. */
  readonly apiKey: string;
  readonly headers: Readonly<Record<string, string>>;
  /** What the model is told before every conversation; may be empty. */
  readonly system: string;
  /** For how long the endpoint may be silent, in milliseconds. */
  readonly silenceMs: number;
  /** Where conversations are kept: absolute, of this agent alone. */
  readonly stateDirectory: string;
}
