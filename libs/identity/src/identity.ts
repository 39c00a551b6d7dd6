import type { Random } from "@clawmatrix/environment";
import { AGREEMENT_KEY_BYTES, AgreementKeys } from "./agreement-keys.ts";
import { type NodeId, nodeIdFromKeys } from "./node-id.ts";
import { malformed } from "./refusal.ts";
import { SIGNING_KEY_BYTES, SigningKeys } from "./signing-keys.ts";

/** The longest text that is looked at; a real one has about 250 characters. */
const MAX_TEXT_CHARACTERS = 4096;
/** Says what the text is, and in which version. */
const FORMAT = "clawmatrix-identity-1";

/** What makes a node this node: its two key pairs. */
export class Identity {
  readonly signing: SigningKeys;
  /** Also the static keys of every Noise handshake of the node. */
  readonly agreement: AgreementKeys;
  readonly nodeId: NodeId;

  constructor(signing: SigningKeys, agreement: AgreementKeys) {
    this.signing = signing;
    this.agreement = agreement;
    this.nodeId = nodeIdFromKeys(signing.publicKey, agreement.publicKey);
  }

  static generate(random: Random): Identity {
    return new Identity(SigningKeys.generate(random), AgreementKeys.generate(random));
  }

  /**
   * Reads what `revealText` wrote. Throws StatusError (INVALID_ARGUMENT) for anything else; the error never
   * repeats the text, nor keeps a cause that would.
   */
  static parse(text: string): Identity {
    if (text.length > MAX_TEXT_CHARACTERS) throw damaged("it is too long");
    const fields = parseFields(text);
    const format = fields.get("format");
    if (typeof format !== "string" || !format.startsWith("clawmatrix-identity-")) {
      throw damaged("it is no identity");
    }
    if (format !== FORMAT) throw damaged("a newer version of ClawMatrix wrote it");
    const names = ["format", "nodeId", "signingSeed", "agreementSecret"];
    const unknown = [...fields.keys()].filter((name) => !names.includes(name));
    if (unknown.length > 0) throw damaged("it has fields that do not belong there");
    const signing = SigningKeys.fromSeed(readKey(fields, "signingSeed", SIGNING_KEY_BYTES));
    const agreement = AgreementKeys.fromSecret(readKey(fields, "agreementSecret", AGREEMENT_KEY_BYTES));
    const identity = new Identity(signing, agreement);
    if (identity.nodeId !== fields.get("nodeId")) throw damaged("its keys do not belong to its node id");
    return identity;
  }

  /** The whole identity with its secrets, as JSON, for a file that only its owner can read (0600). */
  revealText(): string {
    const fields = {
      format: FORMAT,
      nodeId: this.nodeId,
      signingSeed: Buffer.from(this.signing.revealSeed()).toString("base64"),
      agreementSecret: Buffer.from(this.agreement.revealSecret()).toString("base64"),
    };
    return `${JSON.stringify(fields, undefined, 2)}\n`;
  }

  /** What may be shown: the node id. */
  toJSON(): { readonly nodeId: NodeId } {
    return { nodeId: this.nodeId };
  }
}

function parseFields(text: string): Map<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // JSON.parse quotes the text in its error, and the text holds secrets: the cause is left out.
    throw damaged("it is not JSON");
  }
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw damaged("it is no JSON object");
  return new Map(Object.entries(value));
}

function readKey(fields: ReadonlyMap<string, unknown>, name: string, length: number): Uint8Array {
  const text = fields.get(name);
  const bytes = Buffer.from(typeof text === "string" ? text : "", "base64");
  if (bytes.length !== length || bytes.toString("base64") !== text) {
    throw damaged(`its ${name} is not ${length} bytes in base64`);
  }
  return bytes;
}

function damaged(why: string): Error {
  return malformed(`the identity cannot be read: ${why}`, "identity-damaged", {
    hint: 'put back a copy of the file, or move it away and run "clawmatrix init": to others that is a new node',
  });
}
