/**
 * What Node itself takes for the packets of a call: the same datagrams in and out as an edge, the same number of exchanges with a
 * store awaited one after another, and no work at all. The baseline of `pods.ts`; it understands nothing of SIP but where a line begins.
 * usage: node src/bare-relay.ts CARRIER_PORT REDIS_PORT; prints the UDP port it listens on
 */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { connect } from 'node:net';

const [carrierPort, redisPort] = process.argv.slice(2).map(Number);
if (carrierPort === undefined || redisPort === undefined) {
  throw new Error('bare-relay.ts wants the UDP port of the carrier and the TCP port of Redis');
}

/** What an edge asks before it answers: auth; auth or claim, routing, the record; the script `answer`; the script `end`. */
const EXCHANGES = { challenged: 1, invite: 3, answer: 1, bye: 1 };
/** As long as a script of an edge with its arguments. */
const COMMAND = `ECHO ${'x'.repeat(600)}\r\n`;
const COPIED = /^(?:Via|From|To|Call-ID|CSeq):.*\r\n/gim;

const redis = connect(redisPort, '127.0.0.1').setNoDelay(true);
const answered: (() => void)[] = [];
let unsent = '';
let linesRead = 0;
redis.on('data', (bytes) => {
  for (const byte of bytes) {
    // Each answer is two lines: its length, and what was sent.
    if (byte === 0x0a && ++linesRead % 2 === 0) answered.shift()?.();
  }
});
await once(redis, 'connect');

const socket = createSocket({
  type: 'udp4',
  lookup: (host, _options, done) => {
    done(null, host, 4);
  },
});
let callerPort = 0;
socket.on('message', (bytes, { port }) => {
  const text = bytes.toString('latin1');
  if (port === carrierPort) {
    const exchanges = text.startsWith('SIP/2.0 200') && isOf(text, 'INVITE') ? EXCHANGES.answer : 0;
    afterExchanges(exchanges, () => {
      send(bytes, callerPort);
    });
    return;
  }
  callerPort = port;
  if (text.startsWith('INVITE') && !text.includes('Proxy-Authorization')) {
    afterExchanges(EXCHANGES.challenged, () => {
      send(challenge(text), callerPort);
    });
  } else if (text.startsWith('INVITE')) {
    send(Buffer.from(`SIP/2.0 100 Trying\r\n${copied(text)}Content-Length: 0\r\n\r\n`), callerPort);
    relayAfter(EXCHANGES.invite, bytes);
  } else if (text.startsWith('BYE')) {
    relayAfter(EXCHANGES.bye, bytes);
  } else if (!isOf(text, 'ACK') || !text.includes('CSeq: 1 ')) {
    // The ACK of the 407 ends here, as it does in an edge.
    relayAfter(0, bytes);
  }
});
// The lookup above is done at once, and so is the binding.
const listening = once(socket, 'listening');
socket.bind(0, '127.0.0.1');
await listening;
process.stdout.write(`${String(socket.address().port)}\n`);

function relayAfter(exchanges: number, bytes: Buffer): void {
  afterExchanges(exchanges, () => {
    send(bytes, carrierPort ?? 0);
  });
}

function send(bytes: Buffer, port: number): void {
  socket.send(bytes, port, '127.0.0.1', noteFailure);
}

function noteFailure(error: Error | null): void {
  if (error !== null) process.stderr.write(`bare-relay.ts: ${error.message}\n`);
}

/** One after another, and those of one turn of the event loop in one write, as an edge does it. */
function afterExchanges(count: number, done: () => void): void {
  if (count === 0) {
    done();
    return;
  }
  answered.push(() => {
    afterExchanges(count - 1, done);
  });
  if (unsent === '') {
    setImmediate(() => {
      redis.write(unsent, 'latin1');
      unsent = '';
    });
  }
  unsent += COMMAND;
}

function isOf(text: string, method: string): boolean {
  return text.includes(` ${method}\r\n`);
}

function challenge(invite: string): Buffer {
  const nonce = 'Proxy-Authenticate: Digest realm="bare",nonce="0",algorithm=MD5,qop="auth"\r\n';
  const head = `SIP/2.0 407 Proxy Authentication Required\r\n${copied(invite)}`;
  return Buffer.from(`${head}${nonce}Content-Length: 0\r\n\r\n`);
}

function copied(request: string): string {
  return request.match(COPIED)?.join('') ?? '';
}
