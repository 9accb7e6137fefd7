/**
 * What a datagram is, by its first four bytes, for who has no time to read it. `going`: of something that goes on, or ends;
 * `standing`: asks for something by itself; `none`: no method that we know, and no response.
 */
export type MessageKind = 'invite' | 'ack' | 'monitor' | 'going' | 'standing' | 'none';

const kinds: ReadonlyMap<number, MessageKind> = new Map(
  (
    [
      ['INVI', 'invite'],
      ['ACK ', 'ack'],
      ['OPTI', 'monitor'],
      ['SIP/', 'going'],
      ['BYE ', 'going'],
      ['CANC', 'going'],
      ['PRAC', 'going'],
      ['UPDA', 'going'],
      ['INFO', 'going'],
      ['NOTI', 'going'],
      ['REFE', 'going'],
      ['REGI', 'standing'],
      ['SUBS', 'standing'],
      ['PUBL', 'standing'],
      ['MESS', 'standing'],
    ] as const
  ).map(([text, kind]) => [Buffer.from(text).readUInt32BE(0), kind]),
);

export function messageKind(bytes: Buffer): MessageKind {
  return bytes.length < 4 ? 'none' : (kinds.get(bytes.readUInt32BE(0)) ?? 'none');
}
