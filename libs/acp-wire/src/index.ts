export { AcpErrorCode } from "./acp-error-code.ts";
export { type AcpAnswer, type AcpMessage, type AcpParams, readAcpMessage } from "./acp-message.ts";
export {
  checkJson,
  fromJson,
  isJsonObject,
  type JsonBytes,
  type JsonKind,
  type JsonObject,
  toJson,
  writeObject,
  writeObjectWith,
} from "./json-bytes.ts";
export { membersOf } from "./json-members.ts";
export { LineReader, type LineReaderOptions, MAX_LINE_BYTES } from "./line-reader.ts";
