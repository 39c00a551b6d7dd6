import { FrameReader } from "./frame-reader.ts";
import type { FrameWriter } from "./frame-writer.ts";
import type { DedupClass, Priority } from "./gen/clawmatrix/v1/enums.ts";
import { idleWriter, release } from "./idle-writer.ts";
import type { FrameType, MessageType } from "./service.ts";

type Write<Init> = (message: Init, writer: FrameWriter) => void;
type Read<Message> = (reader: FrameReader, end: number, previous: Message | undefined) => Message;

/** A message type, from its generated encoder and decoder. */
export function messageType<Message, Init>(
  typeName: string,
  write: Write<Init>,
  read: Read<Message>,
): MessageType<Message, Init> {
  return {
    typeName,
    encode(message) {
      const writer = idleWriter();
      const start = writer.position;
      write(message, writer);
      return release(writer, start);
    },
    writeTo: write,
    decode(bytes, start = 0, end = bytes.length) {
      return read(new FrameReader(bytes, start, end), end, undefined);
    },
  };
}

/** A frame type: a message type and its line of the frame registry. */
export function frameType<Message, Init>(
  typeName: string,
  number: number,
  dedupClass: DedupClass,
  priority: Priority,
  write: Write<Init>,
  read: Read<Message>,
): FrameType<Message, Init> {
  return { ...messageType(typeName, write, read), number, dedupClass, priority };
}
