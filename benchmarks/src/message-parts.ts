/**
 * CPU of keeping the SIP messages of a call, by what is done with them, in this process alone: 28 messages a call, frames of 15 calls.
 * usage: node src/message-parts.ts [FRAMES]
 */
import { randomBytes } from 'node:crypto';
import { promisify } from 'node:util';
import { constants, zstdCompress } from 'node:zlib';
import { maskSecrets, writeRecord } from '@tandem/events';

const [frames = 300] = process.argv.slice(2).map(Number);
const CALLS = 15;
const MESSAGES = 28;
const FRAME_BYTES = 512 * 1024;

const compress = promisify(zstdCompress);
const compression = { params: { [constants.ZSTD_c_compressionLevel]: 1 } };
const passage = {
  isSent: true,
  transport: 1,
  local: { address: '127.0.0.1', port: 5060 },
  remote: { address: '127.0.0.1', port: 5077 },
};

const calls = Array.from({ length: CALLS }, messagesOfCall);
const buffer = Buffer.allocUnsafe(FRAME_BYTES);
let ends: number[] = [];

const parts: readonly (readonly [string, () => unknown])[] = [
  ['copied into a frame', fill],
  ['copied and masked', mask],
  ['compressed, beside the event loop', () => compress(fill(), compression)],
];
const bytes = calls.flat().reduce((sum, { length }) => sum + length, 0) / CALLS;
process.stdout.write(`${String(MESSAGES)} messages a call, ${bytes.toFixed(0)} bytes\n`);
for (const [name, part] of parts) {
  for (let warm = 0; warm < frames / 4; warm += 1) await part();
  const before = process.cpuUsage();
  for (let at = 0; at < frames; at += 1) await part();
  const { system, user } = process.cpuUsage(before);
  process.stdout.write(`${name}: ${((system + user) / frames / CALLS).toFixed(1)} µs a call\n`);
}

function mask(): void {
  maskSecrets(fill(), ends);
}

function fill(): Buffer {
  let size = 0;
  ends = [];
  for (const message of calls.flat()) {
    size = writeRecord(buffer, size, { bytes: message, passage, atMs: 0 });
    ends.push(size);
  }
  return buffer.subarray(0, size);
}

/** Requests, responses and descriptions as both legs of a call with digest have them; tokens and tags are drawn. */
function messagesOfCall(): Buffer[] {
  const callId = drawn(16);
  const sdp =
    'v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 40000 RTP/AVP 0 8 101\r\na=rtpmap:0 PCMU/8000\r\na=rtpmap:101 telephone-event/8000\r\na=ptime:20\r\n';
  return Array.from({ length: MESSAGES }, (_, at) => {
    const body = at % 6 === 0 ? sdp : '';
    const proof = `Authorization: Digest username="1001",realm="tandem",nonce="${drawn(40)}",uri="sip:44@127.0.0.1",response="${drawn(32)}",algorithm=MD5,qop=auth,nc=00000001,cnonce="${drawn(8)}"`;
    const lines = [
      at % 3 === 0 ? 'INVITE sip:442079460000@127.0.0.1:5060 SIP/2.0' : 'SIP/2.0 200 OK',
      `Via: SIP/2.0/UDP 127.0.0.1:5077;branch=z9hG4bK${drawn(40)};rport`,
      `From: <sip:1001@127.0.0.1>;tag=${drawn(10)}`,
      `To: <sip:442079460000@127.0.0.1:5060>;tag=${drawn(60)}`,
      `Call-ID: ${callId}`,
      `CSeq: ${String(at + 1)} INVITE`,
      `Contact: <sip:${drawn(120)}@127.0.0.1:5060>`,
      'Max-Forwards: 70',
      'Allow: INVITE, ACK, CANCEL, BYE, OPTIONS, UPDATE, INFO, PRACK',
      'Supported: timer, 100rel',
      ...(at === 3 || at === 4 ? [proof] : []),
      `Content-Length: ${String(body.length)}`,
    ];
    return Buffer.from([...lines, '', body].join('\r\n'));
  });
}

function drawn(length: number): string {
  return randomBytes(length).toString('base64url').slice(0, length);
}
