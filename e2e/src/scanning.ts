import { randomBytes } from 'node:crypto';
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';

/** How it scans. */
interface ScanLoad {
  readonly perSecond: number;
  readonly seconds: number;
  /** It sends from as many addresses, 127.0.1.1 and those after it. */
  readonly addresses: number;
}

const TURN_MS = 20;

/**
 * Does what SIPVicious and its like do: REGISTER and INVITE in one name after the other, half of them under the name of a scanner,
 * and never an answer to a challenge.
 * @returns how many requests were sent
 */
export async function scan(
  target: { readonly address: string; readonly port: number },
  { addresses, perSecond, seconds }: ScanLoad,
): Promise<number> {
  const sockets = await Promise.all(
    Array.from({ length: addresses }, (_, at) => bound(`127.0.1.${String(at + 1)}`)),
  );
  const startedMs = performance.now();
  const most = perSecond * seconds;
  let sent = 0;
  while (sent < most) {
    const due = Math.min(most, Math.ceil(((performance.now() - startedMs) / 1000) * perSecond));
    for (; sent < due; sent += 1) {
      const socket = sockets[sent % sockets.length];
      socket?.send(requestOf(sent, socket, target), target.port, target.address);
    }
    await sleep(TURN_MS);
  }
  for (const socket of sockets) socket.close();
  return sent;
}

async function bound(address: string): Promise<Socket> {
  const socket = createSocket('udp4');
  socket.bind(0, address);
  await once(socket, 'listening');
  return socket;
}

function requestOf(
  at: number,
  socket: Socket,
  { address, port }: { readonly address: string; readonly port: number },
): string {
  const own = socket.address();
  const host = `${own.address}:${String(own.port)}`;
  const method = at % 2 === 0 ? 'REGISTER' : 'INVITE';
  const name = String(100_000 + at);
  const uri = method === 'REGISTER' ? `sip:${address}` : `sip:44${name}@${address}`;
  const agent = at % 4 < 2 ? 'friendly-scanner' : 'Phone';
  return [
    `${method} ${uri} SIP/2.0`,
    `Via: SIP/2.0/UDP ${host};branch=z9hG4bK${randomBytes(6).toString('hex')};rport`,
    'Max-Forwards: 70',
    `From: <sip:${name}@${address}:${String(port)}>;tag=${name}`,
    `To: <sip:${name}@${address}:${String(port)}>`,
    `Call-ID: scan-${name}@${host}`,
    `CSeq: 1 ${method}`,
    `Contact: <sip:${name}@${host}>`,
    `User-Agent: ${agent}`,
    'Content-Length: 0',
    '',
    '',
  ].join('\r\n');
}
