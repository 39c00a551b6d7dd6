/** The parts of ACP's messages that a screen looks at. All optional: agents differ, and newer ones send more. */
export interface SessionUpdateShape {
  readonly sessionUpdate?: string;
  readonly content?: unknown;
  readonly title?: string | null;
  readonly status?: string | null;
  readonly toolCallId?: string;
  readonly entries?: readonly { readonly content?: string; readonly status?: string }[];
}

export interface ContentShape {
  readonly type?: string;
  readonly text?: string;
  /** Of a tool call's content: the block inside. */
  readonly content?: ContentShape;
  readonly path?: string;
  readonly oldText?: string | null;
  readonly newText?: string;
}

export interface PermissionRequestShape {
  readonly toolCall?: SessionUpdateShape & { readonly rawInput?: unknown };
  readonly options?: readonly {
    readonly optionId?: string;
    readonly name?: string;
    readonly kind?: string;
  }[];
}

const decoder = new TextDecoder();

/** The value of a `_json` field; an empty object where there is none or it is no object. */
export function parseShape<Shape extends object>(json: Uint8Array): Shape {
  try {
    const value: unknown = JSON.parse(decoder.decode(json));
    return (typeof value === "object" && value !== null ? value : {}) as Shape;
  } catch {
    // What an agent sent is shown as far as it can be read; a screen must not fall over it.
    return {} as Shape;
  }
}
