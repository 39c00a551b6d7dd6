import { MeshSecret } from "@clawmatrix/identity";
import { StatusCode, StatusError } from "@clawmatrix/protocol";

const FORMAT = "clawmatrix-mesh-1";

/** Which mesh a node belongs to: what it must not lose, even where its store is damaged. Secret. */
export interface MeshFile {
  readonly secret: MeshSecret;
  readonly founder: { readonly signingKey: Uint8Array; readonly agreementKey: Uint8Array };
  /** The bytes of `SignedEntry`s: the founding, or what shows the inviter to be an operator. The store holds all others. */
  readonly entries: readonly Uint8Array[];
  /** This node's own admission, as the invitation gave it: brought to whoever lets it in. The founder has none. */
  readonly admission: Uint8Array | undefined;
}

/** The file's text, for a file that only its owner can read. */
export function renderMeshFile({ secret, founder, entries, admission }: MeshFile): string {
  const fields = {
    format: FORMAT,
    secret: base64(secret.reveal()),
    founder: { signingKey: base64(founder.signingKey), agreementKey: base64(founder.agreementKey) },
    entries: entries.map(base64),
    ...(admission === undefined ? {} : { admission: base64(admission) }),
  };
  return `${JSON.stringify(fields, undefined, 2)}\n`;
}

/** Reads what `renderMeshFile` wrote. @throws StatusError INVALID_ARGUMENT "mesh-file-damaged", never quoting the file. */
export function parseMeshFile(text: string): MeshFile {
  let fields: {
    format?: unknown;
    secret?: unknown;
    founder?: Record<string, unknown>;
    entries?: unknown;
    admission?: unknown;
  };
  try {
    fields = JSON.parse(text) as typeof fields;
  } catch {
    // The parser's error quotes the text, and the text holds the mesh secret.
    throw damaged("it is not JSON");
  }
  if (fields?.format !== FORMAT)
    throw damaged("it is not such a file, or a newer version of ClawMatrix wrote it");
  if (!Array.isArray(fields.entries)) throw damaged("its entries are missing");
  return {
    secret: MeshSecret.fromBytes(bytes(fields.secret, "secret", 32)),
    founder: {
      signingKey: bytes(fields.founder?.signingKey, "founder.signingKey", 32),
      agreementKey: bytes(fields.founder?.agreementKey, "founder.agreementKey", 32),
    },
    entries: fields.entries.map((entry, index) => bytes(entry, `entries[${index}]`)),
    admission: fields.admission === undefined ? undefined : bytes(fields.admission, "admission"),
  };
}

function bytes(value: unknown, name: string, length?: number): Uint8Array {
  const read = typeof value === "string" ? Buffer.from(value, "base64") : undefined;
  if (read === undefined || (length !== undefined && read.length !== length))
    throw damaged(`its ${name} is wrong`);
  return read;
}

function base64(value: Uint8Array): string {
  return Buffer.from(value).toString("base64");
}

function damaged(why: string): StatusError {
  return new StatusError(
    StatusCode.INVALID_ARGUMENT,
    `the file that says which mesh this node belongs to cannot be read: ${why}`,
    {
      reason: "mesh-file-damaged",
      hint: "Put back a copy of mesh.json, or join the mesh again from a new home.",
    },
  );
}
