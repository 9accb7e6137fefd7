import { createSocket } from 'node:dgram';
import { connect, isIP, isIPv6 } from 'node:net';
import type { Socket } from 'node:net';
import { connect as connectByTls } from 'node:tls';
import type { TLSSocket } from 'node:tls';
import { transportNamed } from '@tandem/sip';
import { parsePeerAddress } from '../core/network/peer-address.ts';
import type { NetworkLook } from '../gateway-checks/gateway-checks.ts';

/** A router on the way, or the host, says within this time that it passes nothing on. */
const LIMIT_MS = 700;
/** RFC 5626 §4.4.1: what a SIP server that gets it over UDP does nothing with. */
const NOTHING = Buffer.from('\r\n\r\n');

/**
 * What the network says of an address: over UDP by a socket of its own that is connected, since ICMP messages are told to such a
 * one alone; over TCP and TLS by a connection. From this pod itself, whatever front its SIP messages leave by.
 */
export const lookAtNetwork: NetworkLook = async ({ address, certificate, transport }) => {
  const place = parsePeerAddress(address);
  if (place === undefined) return '';
  const { isConnectionBound = false, isSecure = false } = transportNamed(transport) ?? {};
  const to = { host: place.address, port: place.port };
  if (!isConnectionBound) return lookByDatagram(to);
  return isSecure ? lookByTls(to, certificate) : lookByConnection(connect(to), 'connect');
};

interface Place {
  readonly host: string;
  readonly port: number;
}

async function lookByDatagram({ host, port }: Place): Promise<string> {
  const socket = createSocket(isIPv6(host) ? 'udp6' : 'udp4');
  const { promise, resolve } = Promise.withResolvers<string>();
  const say = (error: Error | null): void => {
    if (error !== null) resolve(wordsOf(error, DATAGRAMS));
  };
  const timer = setTimeout(() => {
    resolve('no ICMP message came: what is sent there is dropped on the way, or not answered');
  }, LIMIT_MS);
  // The ICMP message to the first may be told with the second.
  const repeat = setInterval(() => {
    socket.send(NOTHING, say);
  }, LIMIT_MS / 3);
  try {
    socket.on('error', say);
    socket.connect(port, host, () => {
      socket.send(NOTHING, say);
    });
    return await promise;
  } finally {
    clearTimeout(timer);
    clearInterval(repeat);
    socket.close();
  }
}

async function lookByTls({ host, port }: Place, certificate: string | undefined): Promise<string> {
  const [name = ''] = (certificate ?? '').split(',');
  const servername = name === '' || isIP(name) !== 0 ? undefined : name;
  const socket = connectByTls({
    host,
    port,
    rejectUnauthorized: false,
    ...(servername === undefined ? {} : { servername }),
  });
  return lookByConnection(socket, 'secureConnect', () => certificateWords(socket, certificate));
}

function certificateWords(socket: TLSSocket, certificate: string | undefined): string {
  // Any will do.
  if (certificate === '') return 'TLS is spoken there, and no SIP message was answered';
  if (!socket.authorized) {
    return `its certificate is not accepted: ${String(socket.authorizationError)}`;
  }
  const { subject, subjectaltname } = socket.getPeerCertificate();
  const shown = subjectaltname ?? String(subject.CN);
  return `TLS is spoken there, with a certificate for ${shown}, and no SIP message was answered`;
}

async function lookByConnection(
  socket: Socket,
  opened: 'connect' | 'secureConnect',
  words = () => 'the port takes connections, and no SIP message was answered',
): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>();
  const timer = setTimeout(() => {
    resolve('no connection is opened, nor refused: what is sent there is dropped on the way');
  }, LIMIT_MS);
  try {
    socket.on('error', (error) => {
      resolve(wordsOf(error, CONNECTIONS));
    });
    socket.on(opened, () => {
      resolve(words());
    });
    return await promise;
  } finally {
    clearTimeout(timer);
    socket.destroy();
  }
}

const DATAGRAMS = 'its host says by ICMP that nobody listens at this port';
const CONNECTIONS = 'its host refuses the connection: nobody listens at this port';

/** What an error of a socket says that the network has said. @param refused where nobody listens */
function wordsOf(error: Error, refused: string): string {
  const { code = '' } = error as NodeJS.ErrnoException;
  switch (code) {
    case 'ECONNREFUSED':
      return refused;
    case 'EHOSTUNREACH':
      return 'a router says by ICMP that the host cannot be reached';
    case 'ENETUNREACH':
      return 'there is no route to its network';
    case 'EACCES':
    case 'EPERM':
      return 'a firewall forbids it, here or on the way';
    case 'ECONNRESET':
      return 'the connection was opened and closed at once: another protocol may be spoken there';
    default:
      return error.message;
  }
}
