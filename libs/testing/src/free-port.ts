import { randomInt } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer } from 'node:net';

/** A TCP port on 127.0.0.1 that was free a moment ago. */
export async function freeTcpPort(address = '127.0.0.1'): Promise<number> {
  const server = createServer();
  server.listen({ host: address, port: 0 });
  await once(server, 'listening');
  const bound = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (bound === null || typeof bound === 'string') throw new Error('the server has no port');
  return bound.port;
}

/** A UDP port on 127.0.0.1 that was free a moment ago. */
export async function freeUdpPort(address = '127.0.0.1'): Promise<number> {
  const socket = createSocket(address.includes(':') ? 'udp6' : 'udp4');
  socket.bind({ address, port: 0 });
  await once(socket, 'listening');
  const { port } = socket.address();
  await new Promise<void>((resolve) => {
    socket.close(resolve);
  });
  return port;
}

/** Below the range from which the kernel takes ports for whoever asks for any. */
const SERVER_PORTS = { first: 12_000, count: 8000 };

/** A TCP port on 127.0.0.1 that nothing takes while its server is down: for servers that are killed and started again. */
export async function freeServerPort(): Promise<number> {
  for (;;) {
    const port = SERVER_PORTS.first + randomInt(SERVER_PORTS.count);
    if (await isFree(port)) return port;
  }
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  server.listen({ host: '127.0.0.1', port });
  const isBound = await once(server, 'listening').then(
    () => true,
    () => false,
  );
  if (isBound) await new Promise((resolve) => server.close(resolve));
  return isBound;
}
