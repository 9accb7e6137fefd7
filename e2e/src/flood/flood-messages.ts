/** What a flood is made of: shares of all that is sent, of any sum. */
export interface FloodMix {
  /** INVITEs of new calls, from addresses that nobody knows. */
  readonly fresh: number;
  /** The same again, as whoever gets no answer sends them. */
  readonly repeated: number;
  readonly register: number;
  /** Bytes that were never SIP. */
  readonly garbage: number;
}

/** All kinds, as a storm has them. */
export const usualMix: FloodMix = { fresh: 40, repeated: 30, register: 20, garbage: 10 };

/** A sender of a flood. */
export interface FloodPlace {
  readonly address: string;
  readonly port: number;
  /** The switch. */
  readonly target: string;
}

const SDP = [
  'v=0',
  'o=- 1 1 IN IP4 127.0.0.1',
  's=-',
  'c=IN IP4 127.0.0.1',
  't=0 0',
  'm=audio 40000 RTP/AVP 8 101',
  'a=rtpmap:101 telephone-event/8000',
  '',
].join('\r\n');

/** An INVITE of a call of its own; `id` is used once. */
export function floodInvite(place: FloodPlace, id: string): Buffer {
  const head = headOf('INVITE', place, id);
  const type = 'Content-Type: application/sdp';
  return Buffer.from(
    `${head}${type}\r\nContent-Length: ${String(SDP.length)}\r\n\r\n${SDP}`,
    'latin1',
  );
}

export function floodRegister(place: FloodPlace, id: string): Buffer {
  return Buffer.from(`${headOf('REGISTER', place, id)}Content-Length: 0\r\n\r\n`, 'latin1');
}

/** The ACK of a refusal, from what it answers; undefined where that is none. */
export function floodAck(place: FloodPlace, response: string): Buffer | undefined {
  const status = Number(/^SIP\/2\.0 (\d{3}) /.exec(response)?.[1] ?? 0);
  if (status < 300 || !response.includes('\nCSeq: 1 INVITE\r')) return undefined;
  const lines = ['Via', 'From', 'To', 'Call-ID'].map(
    (name) => `${name}:${new RegExp(`\\n${name}:([^\\r]*)`).exec(response)?.[1] ?? ''}`,
  );
  const start = `ACK sip:442079460000@${place.target} SIP/2.0`;
  return Buffer.from(
    [start, ...lines, 'CSeq: 1 ACK', 'Max-Forwards: 70', 'Content-Length: 0', '', ''].join('\r\n'),
    'latin1',
  );
}

export function garbage(id: string): Buffer {
  return Buffer.from(`GET /${id} HTTP/1.1\r\nHost: switch\r\n\r\n`);
}

function headOf(method: string, { address, port, target }: FloodPlace, id: string): string {
  const own = `${address}:${String(port)}`;
  const lines = [
    `${method} sip:442079460000@${target} SIP/2.0`,
    `Via: SIP/2.0/UDP ${own};branch=z9hG4bK${id};rport`,
    'Max-Forwards: 70',
    `From: <sip:flood@${own}>;tag=${id}`,
    `To: <sip:442079460000@${target}>`,
    `Call-ID: ${id}@${address}`,
    `CSeq: 1 ${method}`,
    `Contact: <sip:flood@${own}>`,
    'User-Agent: flood',
  ];
  return `${lines.join('\r\n')}\r\n`;
}
