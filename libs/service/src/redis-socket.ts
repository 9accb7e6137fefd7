import { connect as connectTcp, isIP } from 'node:net';
import type { Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { ConnectionOptions } from 'node:tls';
import { RespReader } from './resp-reader.ts';
import type { RedisReply } from './resp-reader.ts';
import type { CommandPart } from './script-channel.ts';

/** Where a server listens. */
export interface RedisAddress {
  readonly host: string;
  readonly port: number;
}

/** What a connection is opened with, wherever it leads. */
export interface RedisAccess {
  readonly username?: string | undefined;
  readonly password?: string | undefined;
  readonly tls?: ConnectionOptions | undefined;
}

/** What is told of a connection. */
export interface RedisSocketListener {
  readonly onOpen: () => void;
  readonly onReply: (reply: RedisReply) => void;
}

/** Opens a connection that reads replies; it is destroyed where it does not open within `limitMs`. */
export function openRedisSocket(
  address: RedisAddress,
  { tls, limitMs }: { readonly tls: ConnectionOptions | undefined; readonly limitMs: number },
  listener: RedisSocketListener,
): Socket {
  const { host, port } = address;
  const servername = tls?.servername ?? (isIP(host) === 0 ? host : undefined);
  const socket =
    tls === undefined
      ? connectTcp({ host, port })
      : connectTls({ ...tls, host, port, ...(servername === undefined ? {} : { servername }) });
  const reader = new RespReader(listener.onReply);
  socket.setNoDelay(true);
  socket.setKeepAlive(true, 10_000);
  // Only the attempt to connect is limited by silence; afterwards each command has its own time.
  socket.setTimeout(limitMs, () => socket.destroy());
  socket.on(tls === undefined ? 'connect' : 'secureConnect', listener.onOpen);
  socket.on('data', (chunk: Buffer) => {
    try {
      reader.feed(chunk);
    } catch (error) {
      socket.destroy(error instanceof Error ? error : undefined);
    }
  });
  // The close event follows and says the same.
  socket.on('error', () => undefined);
  return socket;
}

/** The command that says who we are; undefined where no password is needed. */
export function authCommand({ username, password }: RedisAccess): CommandPart[] | undefined {
  if (password === undefined) return undefined;
  return username === undefined ? ['AUTH', password] : ['AUTH', username, password];
}
