/** One end of a message's way. */
export interface End {
  /** IPv4 or IPv6 literal, without brackets. */
  readonly address: string;
  readonly port: number;
}

/** How a SIP message passed a socket. */
export interface Passage {
  /** Else it was received. */
  readonly isSent: boolean;
  /** `SipTransport.id`. */
  readonly transport: number;
  readonly local: End;
  readonly remote: End;
  /** Tells connections of a process apart. @default 0: there is none */
  readonly connection?: number | undefined;
}

/** A message with its passage, as a record has it. */
export interface PassedMessage extends Passage {
  /** Milliseconds since the epoch, with fractions. */
  readonly atMs: number;
  readonly connection: number;
  readonly bytes: Buffer;
}

/** What a record has besides the message, at most: two addresses of IPv6 with a zone. */
export const MOST_OVERHEAD = 4 + 2 + 16 + 2 * (1 + 64 + 2);

const LONGEST_ADDRESS = 64;

/**
 * Writes one record: its length without these four bytes, direction, transport, time, connection, both ends, the message.
 * @param at where there is room for `MOST_OVERHEAD` and the message
 * @returns where the next one goes
 */
export function writeRecord(
  buffer: Buffer,
  at: number,
  { bytes, passage, atMs }: { bytes: Buffer; passage: Passage; atMs: number },
): number {
  let next = at + 4;
  buffer[next] = passage.isSent ? 1 : 0;
  buffer[next + 1] = passage.transport;
  buffer.writeDoubleLE(atMs, next + 2);
  buffer.writeDoubleLE(passage.connection ?? 0, next + 10);
  next = writeEnd(buffer, next + 18, passage.local);
  next = writeEnd(buffer, next, passage.remote);
  next += bytes.copy(buffer, next);
  buffer.writeUInt32LE(next - at - 4, at);
  return next;
}

/** Reads what `writeRecord` wrote, one behind the other. @throws RangeError where it is cut off or is none */
export function readRecords(buffer: Buffer): PassedMessage[] {
  const messages: PassedMessage[] = [];
  for (let at = 0; at < buffer.length;) {
    const end = at + 4 + buffer.readUInt32LE(at);
    if (end > buffer.length) throw new RangeError('a record is cut off');
    messages.push(readRecord(buffer.subarray(at + 4, end)));
    at = end;
  }
  return messages;
}

function readRecord(record: Buffer): PassedMessage {
  const local = readEnd(record, 18);
  const remote = readEnd(record, local.next);
  return {
    isSent: record.readUInt8(0) === 1,
    transport: record.readUInt8(1),
    atMs: record.readDoubleLE(2),
    connection: record.readDoubleLE(10),
    local: local.end,
    remote: remote.end,
    bytes: record.subarray(remote.next),
  };
}

function writeEnd(buffer: Buffer, at: number, { address, port }: End): number {
  const length = buffer.write(address, at + 1, LONGEST_ADDRESS, 'latin1');
  buffer[at] = length;
  return buffer.writeUInt16LE(port & 0xffff, at + 1 + length);
}

function readEnd(record: Buffer, at: number): { readonly end: End; readonly next: number } {
  const next = at + 1 + record.readUInt8(at);
  const address = record.toString('latin1', at + 1, next);
  return { end: { address, port: record.readUInt16LE(next) }, next: next + 2 };
}
