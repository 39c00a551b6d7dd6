/** The parts of ACP's messages that a screen looks at. All optional: agents differ, and newer ones send more. */
export interface SessionUpdateShape {
  readonly sessionUpdate?: string;
  readonly content?: unknown;
  readonly title?: string | null;
  readonly status?: string | null;
  readonly toolCallId?: string;
  readonly entries?: readonly PlanEntryShape[];
}

export interface PlanEntryShape {
  readonly content?: string;
  readonly status?: string;
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

/** An option of a permission request. */
export interface PermissionOption {
  readonly id: string;
  readonly name: string;
  readonly kind: string;
}

const decoder = new TextDecoder();

/** What can be answered to a permission request. */
export function optionsOf({ options }: PermissionRequestShape): PermissionOption[] {
  return listOf<NonNullable<PermissionRequestShape["options"]>[number]>(options).flatMap((option) => {
    const id = textOf(option.optionId);
    const kind = textOf(option.kind) ?? "";
    return id === undefined ? [] : [{ id, kind, name: textOf(option.name) ?? id }];
  });
}

/** A member that should be a text; undefined where it is something else. */
export function textOf(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}

/** A member that should be a list of objects: those of its items that are. */
export function listOf<Shape extends object>(value: readonly Shape[] | unknown): readonly Shape[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === "object" && item !== null) : [];
}

/** A member that should be an object; an empty one where it is something else. */
export function objectOf<Shape extends object>(value: Shape | undefined): Partial<Shape> {
  return typeof value === "object" && value !== null ? value : {};
}

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
