import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:net';

// Below the ephemeral range, so that no outgoing connection takes a port between the check and its use.
const LOWEST = 22_000;
const HIGHEST = 29_000;
let next = LOWEST + Math.floor(Math.random() * (HIGHEST - LOWEST));

/** Ports of 127.0.0.1 that are free for UDP and TCP alike, each given out once by this process. */
export async function freePorts(count: number): Promise<readonly number[]> {
  const ports: number[] = [];
  while (ports.length < count) {
    next = next >= HIGHEST ? LOWEST : next + 1;
    // `next` may move on while this one is tried.
    const port = next;
    if (await isFree(port)) ports.push(port);
  }
  return ports;
}

/** One port of 127.0.0.1 that is free for UDP and TCP alike. */
export async function freePort(): Promise<number> {
  const [port] = await freePorts(1);
  if (port === undefined) throw new Error('no free port');
  return port;
}

/** Whether some process has bound this UDP port. */
export async function isUdpPortBound(port: number): Promise<boolean> {
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  const table = await readFile('/proc/net/udp', 'utf8');
  return table.split('\n').some((line) => line.trim().split(/\s+/)[1]?.endsWith(suffix) === true);
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  const socket = createSocket('udp4');
  try {
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
    socket.bind(port, '127.0.0.1');
    await once(socket, 'listening');
    return true;
  } catch {
    return false;
  } finally {
    server.close();
    socket.close();
  }
}
