import { createSocket } from 'node:dgram';
import { readFile } from 'node:fs/promises';
import { connect, isIP, isIPv6 } from 'node:net';
import type { Socket } from 'node:net';
import { connect as connectByTls } from 'node:tls';
import type { TLSSocket } from 'node:tls';
import { certificateNames, provesName, transportNamed, untrustedWords } from '@tandem/sip';
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
export const lookAtNetwork: NetworkLook = networkLook();

/** @param authorities file (PEM) of those that certificates must be of. @default those that Node trusts */
export function networkLook(authorities?: string): NetworkLook {
  return async ({ address, certificate, transport }) => {
    const place = parsePeerAddress(address);
    if (place === undefined) return '';
    const { isConnectionBound = false, isSecure = false } = transportNamed(transport) ?? {};
    const to = { host: place.address, port: place.port };
    if (!isConnectionBound) return lookByDatagram(to);
    if (!isSecure) return lookByStream(to);
    const ca = authorities === undefined ? undefined : await readFile(authorities, 'utf8');
    return lookByTls(to, { ca, names: certificate });
  };
}

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

/** What a certificate has to be. */
interface Wanted {
  readonly ca: string | undefined;
  /** With commas; '': any will do. */
  readonly names: string | undefined;
}

async function lookByTls({ host, port }: Place, { ca, names }: Wanted): Promise<string> {
  const [name = ''] = (names ?? '').split(',');
  const servername = name === '' || isIP(name) !== 0 ? undefined : name;
  const socket = connectByTls({
    host,
    port,
    rejectUnauthorized: false,
    // RFC 5922 §7.3: as the connection itself holds names against each other.
    checkServerIdentity: () => undefined,
    ...(ca === undefined ? {} : { ca }),
    ...(servername === undefined ? {} : { servername }),
  });
  let isOpen = false;
  socket.once('connect', () => {
    isOpen = true;
  });
  return lookByConnection(socket, {
    opened: 'secureConnect',
    words: () => certificateWords(socket, names),
    late: () => (isOpen ? SILENT_TO_TLS : DROPPED),
  });
}

/** Over a stream: who closes it on keepalives of SIP (RFC 5626 §4.4.1) may be one who speaks TLS there. */
async function lookByStream(place: Place): Promise<string> {
  const socket = connect(place);
  return lookByConnection(socket, {
    opened: 'connect',
    words: async () =>
      (await isClosedOn(socket)) && (await speaksTls(place)) ? SPEAKS_TLS : TAKEN,
    late: () => DROPPED,
  });
}

/** More than the head of a record of TLS (RFC 8446 §5.1), so that it is seen to be none. */
const PINGS = Buffer.from('\r\n\r\n'.repeat(3));
const TLS_ALERT = 0x15;

/** Whether it is closed, or answered by an alert of TLS, once it has had what is SIP and no TLS. */
async function isClosedOn(socket: Socket): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const timer = setTimeout(resolve, LIMIT_MS, false);
  socket.once('data', (bytes: Buffer) => {
    resolve(bytes[0] === TLS_ALERT);
  });
  socket.once('close', () => {
    resolve(true);
  });
  socket.write(PINGS);
  try {
    return await promise;
  } finally {
    clearTimeout(timer);
  }
}

/** Whether a handshake is answered, whatever it comes to. */
async function speaksTls({ host, port }: Place): Promise<boolean> {
  const socket = connectByTls({ host, port, rejectUnauthorized: false });
  const words = await lookByConnection(socket, {
    opened: 'secureConnect',
    words: () => SPEAKS_TLS,
    late: () => '',
  });
  return words.startsWith('TLS is spoken');
}

function certificateWords(socket: TLSSocket, names: string | undefined): string {
  // Any will do.
  if (names === '') return 'TLS is spoken there, and no SIP message was answered';
  if (!socket.authorized) {
    return `its certificate is not accepted: ${untrusted(socket)}`;
  }
  const proved = certificateNames(socket.getPeerCertificate());
  const shown = proved.join(', ') || 'nobody';
  if (names !== undefined && !provesName(proved, names)) {
    return `its certificate is not accepted: it is for ${shown}, and has to be for ${names.replaceAll(',', ' or ')}`;
  }
  return `TLS is spoken there, with a certificate for ${shown}, and no SIP message was answered`;
}

/** Why a certificate is not trusted, as people say it, and what it is for. */
function untrusted(socket: TLSSocket): string {
  const certificate = socket.getPeerCertificate();
  const shown = certificateNames(certificate).join(', ') || 'nobody';
  return `${untrustedWords(String(socket.authorizationError), certificate)} (it is for ${shown})`;
}

interface Looking {
  readonly opened: 'connect' | 'secureConnect';
  /** What is said once it is open. */
  readonly words: () => string | Promise<string>;
  /** What is said where it is not open in time. */
  readonly late: () => string;
}

async function lookByConnection(socket: Socket, { late, opened, words }: Looking): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>();
  const timer = setTimeout(() => {
    resolve(late());
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
const DROPPED = 'no connection is opened, nor refused: what is sent there is dropped on the way';
const TAKEN = 'the port takes connections, and no SIP message was answered';
const SPEAKS_TLS = 'TLS is spoken at this port, and plain SIP was sent there';
const SILENT_TO_TLS =
  'no TLS is spoken there: the port takes connections, and does not answer a handshake';
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
      return tlsFaultOf(error) ?? error.message;
  }
}

/** What a handshake came to, in words; undefined where it is not that. */
function tlsFaultOf({ message }: Error): string | undefined {
  return tlsFaults.find(([pattern]) => pattern.test(message))?.[1];
}

/** RFC 8446 §6: what the other side has said, or sent in place of TLS. */
const tlsFaults: readonly (readonly [RegExp, string])[] = [
  [/wrong version number|http request|packet length|unexpected message/i, 'no TLS is spoken there: what it answers is another protocol, plain SIP above all'],
  [/certificate required/i, 'TLS is spoken there, and it wants a certificate of this switch, which shows none (TANDEM_SIP_TLS_CERTIFICATES)'],
  [/unknown ca|certificate unknown|bad certificate|access denied/i, 'TLS is spoken there, and it does not accept the certificate of this switch (TANDEM_SIP_TLS_CERTIFICATES): it says so itself'],
  [/certificate expired/i, 'TLS is spoken there, and it says that the certificate of this switch has expired (TANDEM_SIP_TLS_CERTIFICATES)'],
  [/unsupported protocol|version too low|protocol version/i, 'TLS is spoken there in no version that is taken here (1.2 and later)'],
  [/no shared cipher|handshake failure|no suitable/i, 'TLS is spoken there, and the two sides have no cipher in common'],
  [/disconnected before secure TLS/i, 'it closed the connection before TLS was agreed on: another protocol may be spoken there'],
]; // prettier-ignore
