import { createSocket } from 'node:dgram';
import type { Socket } from 'node:dgram';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { Server, Socket as Connection } from 'node:net';

interface Place {
  readonly address: string;
  readonly port: number;
}

/** A relay that hides where clients send from, like a balancer that translates sources: all come from sockets of its own. */
export interface HidingRelay {
  readonly port: number;
  close(): Promise<void>;
}

/** UDP: a socket for each client, towards the switch. */
export async function hideUdp(address: string, to: Place): Promise<HidingRelay> {
  const front = createSocket('udp4');
  const backs = new Map<string, Socket>();
  front.on('message', (bytes, client) => {
    const key = `${client.address}:${String(client.port)}`;
    let back = backs.get(key);
    if (back === undefined) {
      back = createSocket('udp4');
      backs.set(key, back);
      back.on('message', (answer) => {
        front.send(answer, client.port, client.address);
      });
    }
    back.send(bytes, to.port, to.address);
  });
  front.bind({ address, port: 0 });
  await once(front, 'listening');
  return {
    port: front.address().port,
    close: async () => {
      for (const socket of [front, ...backs.values()]) {
        socket.close();
        await once(socket, 'close');
      }
    },
  };
}

/** TCP: a connection for each client, towards the switch. */
export async function hideTcp(at: Place, to: Place): Promise<HidingRelay> {
  const connections = new Set<Connection>();
  const server: Server = createServer((client) => {
    const back = connect({ host: to.address, port: to.port });
    for (const connection of [client, back]) {
      connections.add(connection);
      connection.on('error', () => connection.destroy());
    }
    client.pipe(back).pipe(client);
  });
  server.listen({ host: at.address, port: at.port });
  await once(server, 'listening');
  const bound = server.address();
  return {
    port: typeof bound === 'object' && bound !== null ? bound.port : 0,
    close: async () => {
      for (const connection of connections) connection.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
