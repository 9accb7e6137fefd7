import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { type Server, createServer } from 'node:net';

// Below the ephemeral range, so that no outgoing connection takes a port between the check and its use.
const LOWEST = 22_000;
const HIGHEST = 29_000;
/**
 * Whoever is given a port listens on the same one of this address, which nothing else uses, for as long as it lives: processes
 * that choose at the same time choose different ones, and the kernel gives up the claims of one that dies.
 */
const CLAIMS = '127.77.0.1';
let next = LOWEST + Math.floor(Math.random() * (HIGHEST - LOWEST));

/**
 * Ports of 127.0.0.1 that are free for UDP and TCP alike; no process of this machine is given them again while this one lives.
 * @throws where there are not so many
 */
export async function freePorts(count: number): Promise<readonly number[]> {
  const ports: number[] = [];
  for (let tried = 0; ports.length < count; tried++) {
    if (tried > HIGHEST - LOWEST) throw new Error(`there are no ${String(count)} free ports`);
    next = next >= HIGHEST ? LOWEST : next + 1;
    // `next` may move on while this one is tried.
    const port = next;
    const claim = await listening(CLAIMS, port);
    if (claim === undefined) continue;
    if (await isFree(port)) {
      claim.unref();
      ports.push(port);
    } else claim.close();
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
  const server = await listening('127.0.0.1', port);
  if (server === undefined) return false;
  const socket = createSocket('udp4');
  try {
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

/** A server that listens there; undefined where another one does. */
async function listening(address: string, port: number): Promise<Server | undefined> {
  const server = createServer();
  try {
    server.listen(port, address);
    await once(server, 'listening');
    return server;
  } catch {
    return undefined;
  }
}
