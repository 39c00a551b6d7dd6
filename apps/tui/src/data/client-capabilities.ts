import { writeJson } from "../state/transcript/acp-json.ts";

/** What this screen serves of an agent's requests, as ACP's ClientCapabilities: forms for its questions. */
export const CAPABILITIES_JSON: Uint8Array<ArrayBuffer> = writeJson({ elicitation: { form: {}, url: {} } });
