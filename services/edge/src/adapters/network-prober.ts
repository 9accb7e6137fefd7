import { randomBytes } from 'node:crypto';
import { createSocket } from 'node:dgram';
import type { Socket } from 'node:dgram';
import { once } from 'node:events';
import { lookup } from 'node:dns/promises';
import { connect, isIPv6 } from 'node:net';
import type { Socket as Connection } from 'node:net';
import { connect as connectByTls } from 'node:tls';
import { parseMessage, serialize, transports } from '@tandem/sip';
import { probeRequest, readProbeAnswer } from '../core/network/network-probe.ts';
import type { Probe } from '../core/network/network-probe.ts';
import type { ProbeResult } from '../core/network/network-verdict.ts';
import { formatPeerAddress, parsePeerAddress } from '../core/network/peer-address.ts';
import type { PeerAddress } from '../core/network/peer-address.ts';
import type { Sealer } from '../core/marks/seal.ts';
import type { NetworkProber, ProbeTarget } from '../ports.ts';

/** Sockets of their own for each series: a balancer may treat one kindly and the next not. */
const UDP_PROBES = 3;
const TCP_PROBES = 2;
/** When a probe over UDP is sent again, and when it is given up; ms after its beginning. */
const REPEAT_MS = [400, 1200] as const;
const LIMIT_MS = 2500;

/** Probes the advertised addresses from sockets of its own (CALL-07). */
export function networkProber(sealer: Sealer): NetworkProber {
  return async (target) => {
    const resolved = await addressesOf(target);
    const [first] = resolved;
    const results =
      first === undefined
        ? [{ failure: `${target.host} is not known to the name service` }]
        : await Promise.all(probesTo(target, first, sealer));
    const text = targetText(target);
    return { transport: target.transport, target: text, resolved, results, atMs: Date.now() };
  };
}

function probesTo(target: ProbeTarget, to: PeerAddress, sealer: Sealer): Promise<ProbeResult>[] {
  const { isConnectionBound } = transports[target.transport];
  const asked = { to, sealer, target: targetText(target), transport: target.transport };
  return Array.from({ length: isConnectionBound ? TCP_PROBES : UDP_PROBES }, () =>
    isConnectionBound ? probeByConnection(asked) : probeByUdp(asked),
  );
}

interface Asked {
  readonly transport: ProbeTarget['transport'];
  readonly target: string;
  readonly to: PeerAddress;
  readonly sealer: Sealer;
}

async function probeByUdp({ target, to, sealer }: Asked): Promise<ProbeResult> {
  const socket = createSocket(isIPv6(to.address) ? 'udp6' : 'udp4');
  let repeats: NodeJS.Timeout[] = [];
  try {
    const sentFrom = await bindTowards(socket, to);
    const probe = newProbe({ transport: transports.udp.name, target, from: sentFrom });
    const bytes = serialize(probeRequest(probe, sealer));
    const send = (): void => {
      // Without a callback Node drops the error of a send; no answer says the same.
      socket.send(bytes, to.port, to.address);
    };
    const answered = new Promise<ProbeResult>((resolve) => {
      socket.on('message', (datagram, { address, port }) => {
        const answer = answerIn(datagram, { probe, sealer, from: { address, port } });
        if (answer !== undefined) resolve({ sentFrom, ...answer });
      });
    });
    send();
    repeats = REPEAT_MS.map((ms) => setTimeout(send, ms));
    return await within(answered, { sentFrom, failure: '' });
  } catch (error) {
    return { failure: messageOf(error) };
  } finally {
    for (const timer of repeats) clearTimeout(timer);
    socket.close();
  }
}

/** Binds to the address that the kernel would send from, so that it can be compared with what is seen. */
async function bindTowards(socket: Socket, to: PeerAddress): Promise<PeerAddress> {
  const scout = createSocket(isIPv6(to.address) ? 'udp6' : 'udp4');
  try {
    scout.connect(to.port, to.address);
    await once(scout, 'connect');
    const { address } = scout.address();
    socket.bind({ address, port: 0 });
    await once(socket, 'listening');
    // What ICMP tells arrives as an error; no answer says the same.
    socket.on('error', () => undefined);
    return { address, port: socket.address().port };
  } finally {
    scout.close();
  }
}

async function probeByConnection({ target, to, sealer, transport }: Asked): Promise<ProbeResult> {
  const { isSecure } = transports[transport];
  const place = { host: to.address, port: to.port };
  // Whose it is, the sealed answer proves; that its certificate is for a name is no matter here.
  const socket: Connection = isSecure
    ? connectByTls({ ...place, rejectUnauthorized: false })
    : connect(place);
  try {
    const done = new Promise<ProbeResult>((resolve, reject) => {
      socket.on('error', reject);
      socket.on('close', () => {
        resolve({ failure: 'the connection was closed without an answer' });
      });
      socket.on(isSecure ? 'secureConnect' : 'connect', () => {
        const { localAddress: address = '', localPort: port = 0 } = socket;
        const sentFrom = { address, port, transport };
        const probe = newProbe({ transport, target, from: sentFrom });
        let received = Buffer.alloc(0);
        socket.on('data', (chunk) => {
          received = Buffer.concat([received, chunk]);
          if (!received.includes('\r\n\r\n')) return;
          // An answer to OPTIONS of ours has no body: the head is the message.
          const answer = answerIn(received, { probe, sealer, from: to });
          if (answer !== undefined) resolve({ sentFrom, ...answer });
        });
        socket.write(serialize(probeRequest(probe, sealer)));
      });
    });
    return await within(done, { failure: '' });
  } catch (error) {
    return { failure: messageOf(error) };
  } finally {
    socket.destroy();
  }
}

/** What a message means for a probe; undefined where it is none of its business. */
function answerIn(
  bytes: Buffer,
  { probe, sealer, from }: { probe: Probe; sealer: Sealer; from: PeerAddress },
): Omit<ProbeResult, 'sentFrom'> | undefined {
  const message = readMessage(bytes);
  if (message?.kind !== 'response' || message.status < 200) return undefined;
  if (message.headers.get('Call-ID') !== probeCallId(probe)) return undefined;
  const answer = readProbeAnswer(message, sealer);
  if (answer?.nonce === probe.nonce) {
    return { answer: { seen: answer.seen, pod: answer.pod, from }, failure: '' };
  }
  // A front without a worker, or a switch that drains, is ours all the same: it will tell later.
  if (message.status === 503) return undefined;
  const { status, reason } = message;
  return { failure: `something else answers there (${String(status)} ${reason})` };
}

function readMessage(bytes: Buffer): ReturnType<typeof parseMessage> | undefined {
  try {
    return parseMessage(bytes);
  } catch {
    return undefined; // Whatever it is, it is no answer.
  }
}

function newProbe(parts: Omit<Probe, 'nonce'>): Probe {
  return { ...parts, nonce: randomBytes(16).toString('hex') };
}

function probeCallId(probe: Probe): string {
  return `probe-${probe.nonce}`;
}

async function addressesOf({ host, port }: ProbeTarget): Promise<readonly PeerAddress[]> {
  const literal = parsePeerAddress(host.includes(':') ? `[${host}]` : host);
  if (literal !== undefined) return [{ address: literal.address, port }];
  try {
    const found = await lookup(host, { all: true });
    return found.map(({ address }) => ({ address, port }));
  } catch {
    return [];
  }
}

function targetText({ host, port }: ProbeTarget): string {
  return formatPeerAddress({ address: host, port });
}

async function within<Value>(answer: Promise<Value>, otherwise: Value): Promise<Value> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<Value>((resolve) => {
    timer = setTimeout(() => {
      resolve(otherwise);
    }, LIMIT_MS);
  });
  try {
    return await Promise.race([answer, limit]);
  } finally {
    clearTimeout(timer);
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : 'the probe could not be sent';
}
