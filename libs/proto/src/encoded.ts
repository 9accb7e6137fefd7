import { BinaryWriter } from '@bufbuild/protobuf/wire';

/** What the generated code of a message has for writing it. */
export interface Encoder<Message> {
  encode(message: Message, writer: BinaryWriter): BinaryWriter;
}

// One writer for all: it keeps its buffer, which would grow anew with every message.
let writer = new BinaryWriter();

/** The bytes of a message. */
export function encoded<Message>(encoder: Encoder<Message>, message: Message): Buffer {
  try {
    const bytes = encoder.encode(message, writer).finish();
    return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  } catch (error) {
    // Half a message may be left in it.
    writer = new BinaryWriter();
    throw error;
  }
}
