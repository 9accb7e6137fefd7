/**
 * Messages per second that libs/sip parses (with the typed reads that a call needs) and writes, beside a
 * naive parser in the same run: split at line ends, a regular expression per header and per read.
 * usage: node src/sip-messages.ts [ROUNDS]
 */
import {
  callId,
  contact,
  cseq,
  from,
  parseMessage,
  parseUri,
  serialize,
  to,
  topVia,
  validateRequest,
  type SipMessage,
} from '@tandem/sip';

/** CPU of one message in µs, the best round. */
export interface SipMessagesResult {
  readonly bytes: number;
  readonly parse: number;
  readonly parseAndRead: number;
  readonly parseAndValidate: number;
  readonly serialize: number;
  readonly naiveParse: number;
  readonly naiveParseAndRead: number;
  readonly naiveSerialize: number;
}

/** Measures an INVITE, and the mean over the messages of one call. */
export function measureSipMessages(rounds: number): {
  readonly invite: SipMessagesResult;
  readonly call: SipMessagesResult;
} {
  const messages = callMessages();
  return { invite: measure(messages.slice(0, 1), rounds), call: measure(messages, rounds) };
}

const PER_ROUND = 2_000;

function measure(datagrams: readonly Buffer[], rounds: number): SipMessagesResult {
  const parsed = datagrams.map((datagram) => parseMessage(datagram));
  const naive = datagrams.map(naiveParse);
  const jobs = {
    parse: cycle(datagrams, parseMessage),
    parseAndRead: cycle(datagrams, (datagram) => read(parseMessage(datagram))),
    parseAndValidate: cycle(datagrams, (datagram) => {
      const message = parseMessage(datagram);
      return message.kind === 'request' ? validateRequest(message) : read(message);
    }),
    serialize: cycle(parsed, serialize),
    naiveParse: cycle(datagrams, naiveParse),
    naiveParseAndRead: cycle(datagrams, (datagram) => naiveRead(naiveParse(datagram))),
    naiveSerialize: cycle(naive, naiveSerialize),
  };
  const best = Object.fromEntries(Object.keys(jobs).map((name) => [name, Infinity]));
  // Round-robin, so that a busy machine slows all of them alike.
  for (let round = 0; round < rounds; round++) {
    for (const [name, job] of Object.entries(jobs)) {
      best[name] = Math.min(best[name] ?? Infinity, microsOf(job));
    }
  }
  const bytes = datagrams.reduce((sum, { length }) => sum + length, 0) / datagrams.length;
  return { bytes, ...(best as Omit<SipMessagesResult, 'bytes'>) };
}

/** What the edge reads of nearly every message. */
function read(message: SipMessage): unknown[] {
  const reads = [callId(message), cseq(message), topVia(message), from(message), to(message)];
  return message.kind === 'request'
    ? [...reads, contact(message), parseUri(message.uri)]
    : [...reads, contact(message)];
}

interface NaiveMessage {
  readonly startLine: string;
  readonly headers: Record<string, string[]>;
  readonly body: string;
}

function naiveParse(datagram: Buffer): NaiveMessage {
  const [head = '', body = ''] = datagram.toString('utf8').split('\r\n\r\n');
  const [startLine = '', ...lines] = head.split('\r\n');
  const headers: Record<string, string[]> = {};
  for (const line of lines) {
    const [, name = '', value = ''] = /^([^:]+?)\s*:\s*(.*)$/.exec(line) ?? [];
    (headers[name.toLowerCase()] ??= []).push(value);
  }
  return { startLine, headers, body };
}

function naiveRead({ startLine, headers }: NaiveMessage): unknown[] {
  const address = /^\s*(?:"([^"]*)"|([^<]*))?\s*<([^>]+)>(?:.*;tag=([^;]+))?/;
  const first = (name: string): string => headers[name]?.[0] ?? '';
  return [
    first('call-id'),
    /^(\d+)\s+(\S+)$/.exec(first('cseq')),
    /^SIP\/2.0\/(\w+)\s+([^:;]+)(?::(\d+))?.*;branch=([^;]+)/.exec(first('via')),
    ...['from', 'to', 'contact'].map((name) => address.exec(first(name))),
    /^\S+ (\w+):(?:([^@]+)@)?([^:;]+)(?::(\d+))?/.exec(startLine),
  ];
}

function naiveSerialize({ startLine, headers, body }: NaiveMessage): Buffer {
  const lines = [startLine];
  for (const [name, values] of Object.entries(headers)) {
    for (const value of values) lines.push(`${name}: ${value}`);
  }
  return Buffer.from([...lines, '', body].join('\r\n'), 'utf8');
}

function cycle<T>(items: readonly T[], run: (item: T) => unknown): () => unknown {
  let at = 0;
  return () => {
    const item = items[at++ % items.length];
    return item === undefined ? undefined : run(item);
  };
}

function microsOf(job: () => unknown): number {
  const cpu = process.cpuUsage();
  let last: unknown;
  for (let count = 0; count < PER_ROUND; count++) last = job();
  const { user, system } = process.cpuUsage(cpu);
  if (last === null) throw new Error('nothing was done');
  return (user + system) / PER_ROUND;
}

/** What passes between a caller and the switch in one call, the challenge left out. */
function callMessages(): Buffer[] {
  const via = 'Via: SIP/2.0/UDP 192.0.2.10:5061;branch=z9hG4bK-1234-1-0;rport';
  const ids = (tag: string): string[] => [
    'From: "Ann" <sip:1001@tandem.example>;tag=1234SIPpTag001',
    `To: <sip:442079460000@tandem.example>${tag}`,
    'Call-ID: 1-1234@192.0.2.10',
  ];
  const tagged = ids(';tag=AAECAwQFBgcICQoLDA0ODw');
  const target = 'Contact: <sip:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8gISIj@192.0.2.1:5060>';
  const own = 'Contact: <sip:1001@192.0.2.10:5061>';
  const uri = 'sip:442079460000@tandem.example';
  const allow = 'Allow: INVITE, ACK, BYE, CANCEL, OPTIONS, UPDATE, PRACK, INFO';
  const answer =
    'Proxy-Authorization: Digest username="1001",realm="tandem",nonce="aabbccddeeff00112233445566778899",' +
    'uri="sip:tandem.example",response="0123456789abcdef0123456789abcdef",algorithm=MD5,cnonce="6b8b4567",qop=auth,nc=00000001';
  const hops = 'Max-Forwards: 70';
  return [
    [`INVITE ${uri} SIP/2.0`, via, ...ids(''), 'CSeq: 2 INVITE', own, answer, hops, allow, sdp],
    ['SIP/2.0 100 Trying', via, ...ids(''), 'CSeq: 2 INVITE'],
    ['SIP/2.0 180 Ringing', via, ...tagged, 'CSeq: 2 INVITE', target],
    ['SIP/2.0 200 OK', via, ...tagged, 'CSeq: 2 INVITE', target, allow, sdp],
    [`ACK ${target.slice(10, -1)} SIP/2.0`, via, ...tagged, 'CSeq: 2 ACK', own, hops],
    [`BYE ${target.slice(10, -1)} SIP/2.0`, via, ...tagged, 'CSeq: 3 BYE', own, hops],
    ['SIP/2.0 200 OK', via, ...tagged, 'CSeq: 3 BYE'],
  ].map((lines) => {
    const hasBody = lines.at(-1) === sdp;
    const head = hasBody ? [...lines.slice(0, -1), 'Content-Type: application/sdp'] : lines;
    const body = hasBody ? sdp : '';
    const length = `Content-Length: ${String(body.length)}`;
    return Buffer.from([...head, length, '', body].join('\r\n'), 'latin1');
  });
}

const sdp = [
  ...['v=0', 'o=ann 53655765 2353687637 IN IP4 192.0.2.10', 's=-', 'c=IN IP4 192.0.2.10', 't=0 0'],
  ...['m=audio 6000 RTP/AVP 8 0 101', 'a=rtpmap:8 PCMA/8000', 'a=rtpmap:0 PCMU/8000'],
  ...['a=rtpmap:101 telephone-event/8000', 'a=fmtp:101 0-16', 'a=sendrecv', ''],
].join('\r\n');

function report(title: string, result: SipMessagesResult): string {
  const row = (name: string, micros: number, naive: number): string =>
    `${name.padEnd(24)} ${micros.toFixed(2).padStart(6)} µs ${String(Math.round(1e6 / micros)).padStart(8)}/s   ${(naive / micros).toFixed(2)} times as fast as naive (${naive.toFixed(2)} µs)`;
  return [
    `${title}, ${String(Math.round(result.bytes))} bytes`,
    row('parse', result.parse, result.naiveParse),
    row('parse, typed reads', result.parseAndRead, result.naiveParseAndRead),
    row('parse, validate', result.parseAndValidate, result.naiveParseAndRead),
    row('serialize', result.serialize, result.naiveSerialize),
    '',
  ].join('\n');
}

if (import.meta.main) {
  const { invite, call } = measureSipMessages(Number(process.argv[2] ?? 60));
  process.stdout.write(
    [
      'CPU of one message, best of the rounds; "naive" splits lines and matches regular expressions',
      report('INVITE with credentials and SDP', invite),
      report('mean of the messages of a call', call),
    ].join('\n'),
  );
}
