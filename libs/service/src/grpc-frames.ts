/** A flag byte, then the length. */
const HEAD = 5;
/** Beyond this the bytes are no message of ours. */
const LONGEST = 16 * 1024 * 1024;

/** A message as it travels in a gRPC stream: not compressed. */
export function framed(message: Buffer): Buffer {
  const frame = Buffer.allocUnsafe(HEAD + message.length);
  frame[0] = 0;
  frame.writeUInt32BE(message.length, 1);
  frame.set(message, HEAD);
  return frame;
}

/** Reads messages out of the chunks of a gRPC stream. */
export class MessageReader {
  #rest: Buffer | undefined;

  /**
   * Takes a chunk. @returns the messages that are complete
   * @throws TypeError where the bytes are no messages, or compressed ones, which nobody has asked for.
   */
  read(chunk: Buffer): readonly Buffer[] {
    const bytes = this.#rest === undefined ? chunk : Buffer.concat([this.#rest, chunk]);
    const messages: Buffer[] = [];
    let at = 0;
    while (bytes.length - at >= HEAD) {
      const length = bytes.readUInt32BE(at + 1);
      if (bytes[at] !== 0 || length > LONGEST)
        throw new TypeError('the stream has no message here');
      const end = at + HEAD + length;
      if (end > bytes.length) break;
      messages.push(bytes.subarray(at + HEAD, end));
      at = end;
    }
    this.#rest = at === bytes.length ? undefined : bytes.subarray(at);
    return messages;
  }
}
