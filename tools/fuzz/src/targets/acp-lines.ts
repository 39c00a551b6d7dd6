import { LineReader, readAcpMessage } from "@clawmatrix/acp-wire";
import type { FuzzTarget } from "../target.ts";

const LONGEST_LINE = 4_096;
const LINES = [
  '{"jsonrpc":"2.0","id":1,"result":{"protocolVersion":1,"agentCapabilities":{"loadSession":true}}}',
  '{"jsonrpc":"2.0","method":"session/update","params":{"sessionId":"s","update":{"content":{"text":"\\u00fc"}}}}',
  '{"id":"a\\"b","jsonrpc":"2.0","method":"x","params":[1,2.5e3,null,{"a":[[]]}]}',
  '{"jsonrpc":"2.0","id":null,"error":{"code":-32600,"message":"no"}}\r',
];

/** What an agent writes: cut into lines in two pieces, then read as JSON-RPC. */
export function acpLines(): FuzzTarget {
  return {
    seeds: [...LINES, LINES.join("\n")].map((line) => Buffer.from(`${line}\n`)),
    run(input) {
      const reader = new LineReader({
        maxBytes: LONGEST_LINE,
        onLine: (line) => {
          if (line.length === 0 || line.length > LONGEST_LINE)
            throw new Error(`a line of ${line.length} bytes`);
          const message = readAcpMessage(line);
          // What is passed on must be JSON by itself.
          if (message !== undefined && message.kind !== "answer") JSON.parse(message.params.bytes.toString());
          if (message?.kind === "answer") JSON.parse(Buffer.from(message.answer.bytes).toString());
        },
        onTooLong: () => undefined,
      });
      const middle = input.length >> 1;
      reader.push(Buffer.from(input.subarray(0, middle)));
      reader.push(Buffer.from(input.subarray(middle)));
      reader.end();
    },
  };
}
