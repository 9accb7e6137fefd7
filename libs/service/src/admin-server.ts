import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { parseListenAddress } from './listen-address.ts';

/** The health endpoints of a service. */
export interface AdminServer {
  readonly port: number;
  close(): Promise<void>;
}

/**
 * Serves `/healthz` (200 while the process lives) and `/readyz` (200 or 503, what `isReady` says) over
 * HTTP, for an orchestrator's probes.
 */
export async function openAdminServer(
  listen: string,
  isReady: () => boolean,
): Promise<AdminServer> {
  const server = createServer((request, response) => {
    const [status, text] = answer(request.url ?? '', isReady);
    response.writeHead(status, { 'content-type': 'text/plain', 'cache-control': 'no-store' });
    response.end(`${text}\n`);
  });
  const { host, port } = parseListenAddress(listen);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
  const address = server.address() as AddressInfo;
  return {
    port: address.port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
        server.closeAllConnections();
      }),
  };
}

function answer(url: string, isReady: () => boolean): [status: number, text: string] {
  if (url === '/healthz') return [200, 'ok'];
  if (url === '/readyz') return isReady() ? [200, 'ready'] : [503, 'not ready'];
  return [404, 'not found'];
}
