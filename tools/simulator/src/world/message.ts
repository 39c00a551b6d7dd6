/** The number stands in front, then what no relay may see, then filling that depends on the number. */
const NUMBER_BYTES = 4;

/** Makes and checks the messages of a world. All contain the same words, by which they are found where they must not be. */
export class Messages {
  /** What nobody but the two ends may see. */
  readonly secret: Buffer;

  constructor(seed: number) {
    this.secret = Buffer.from(`nobody may read this ${seed.toString(36)}`);
  }

  /** Message `number`, with `bytes` bytes, or as few as it can have. */
  make(number: number, bytes: number): Buffer {
    const message = Buffer.alloc(Math.max(bytes, NUMBER_BYTES + this.secret.length), number & 0xff);
    message.writeUInt32BE(number);
    this.secret.copy(message, NUMBER_BYTES);
    return message;
  }

  numberOf(message: Uint8Array): number {
    return message.length < NUMBER_BYTES
      ? -1
      : Buffer.from(message.buffer, message.byteOffset).readUInt32BE();
  }

  isIntact(message: Uint8Array): boolean {
    return Buffer.compare(message, this.make(this.numberOf(message), message.length)) === 0;
  }
}
