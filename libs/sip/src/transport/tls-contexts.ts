import { X509Certificate, constants, createPrivateKey } from 'node:crypto';
import { isIP } from 'node:net';
import type { Socket } from 'node:net';
import { TLSSocket, connect, createSecureContext, createServer } from 'node:tls';
import type { PeerCertificate, SecureContext, SecureContextOptions, Server } from 'node:tls';
import { certificateNames, provesName } from './certificate-names.ts';
import { ConnectionFault } from './connection-fault.ts';

/** PEM texts that a process speaks TLS with. */
export interface TlsMaterial {
  /** The first one is shown to peers that name no server, or one that none is for; and to those that are called. */
  readonly certificates: readonly {
    /** With its chain behind it. */
    readonly certificate: string;
    readonly key: string;
  }[];
  /**
   * Authorities that the certificates of peers must be of; peers that connect are asked for theirs then.
   * @default those that Node trusts, for peers that are called alone
   */
  readonly ca?: string | undefined;
}

/** Where a connection with TLS is opened to. */
export interface TlsTarget {
  readonly host: string;
  readonly port: number;
  readonly localAddress?: string | undefined;
  /** Names that its certificate must prove, with commas; '': any certificate will do. */
  readonly names: string;
}

interface OwnCertificate {
  readonly names: readonly string[];
  readonly options: SecureContextOptions;
  readonly context: SecureContext;
  readonly expiresMs: number;
}

interface Current {
  readonly own: readonly [OwnCertificate, ...OwnCertificate[]];
  readonly asksPeers: boolean;
}

/** What is older breaks in known ways (RFC 8996). */
const MIN_VERSION = 'TLSv1.2';

/** The certificates of a process for SIP over TLS; replaced while connections stay as they are. */
export class TlsContexts {
  #current: Current;

  /** @throws the reason why what is given cannot be used */
  constructor(material: TlsMaterial) {
    this.#current = currentOf(material);
  }

  /** Connections from now on are made with these. @throws as the constructor; what was there before stays */
  replace(material: TlsMaterial): void {
    this.#current = currentOf(material);
  }

  /** When the first of the certificates expires, ms since the epoch. */
  get expiresMs(): number {
    return Math.min(...this.#current.own.map(({ expiresMs }) => expiresMs));
  }

  /** Changes with each replacement. */
  get version(): object {
    return this.#current;
  }

  /**
   * Makes connections with TLS of plain ones, which are given to it as `connection` events: it does not listen itself.
   * Of the version that is current now. @param asks whether peers are asked for a certificate, where there is an authority for them
   */
  server(handshakeMs: number, asks = true): Server {
    const { own, asksPeers } = this.#current;
    const [first] = own;
    return createServer({
      ...first.options,
      // RFC 5922 §7.3, RFC 6066 §3.
      SNICallback: (name, done) => {
        done(null, contextFor(own, name));
      },
      requestCert: asks && asksPeers,
      // Who shows none, or one that proves nothing, is somebody without a name, not nobody.
      rejectUnauthorized: false,
      handshakeTimeout: handshakeMs,
    });
  }

  /** Opens a connection; it is closed with an error where its certificate does not prove what is asked for (RFC 5922 §7.3). */
  connect({ names, ...place }: TlsTarget): TLSSocket {
    const [first] = this.#current.own;
    const [name = ''] = names.split(',');
    return connect({
      ...place,
      secureContext: first.context,
      ...(name === '' || isIP(name) !== 0 ? {} : { servername: name }),
      rejectUnauthorized: names !== '',
      checkServerIdentity: (_host, certificate) => {
        const proved = certificateNames(certificate);
        if (names === '' || provesName(proved, names)) return undefined;
        return new Error(
          `the certificate is for ${proved.join(', ') || 'nobody'}, not for ${names}`,
        );
      },
    });
  }
}

/** The names that a peer has proved; none where its certificate is of no authority that is trusted, or it has shown none. */
export function provedNames(socket: Socket): string[] {
  if (!(socket instanceof TLSSocket) || !socket.authorized) return [];
  return certificateNames(socket.getPeerCertificate());
}

/** Why the certificate that a peer has shown proves nothing; undefined where it has shown none, or proves its names. */
export function distrustOf(socket: TLSSocket): ConnectionFault | undefined {
  const certificate = socket.getPeerCertificate();
  // Without one, Node says so of it as well.
  if (socket.authorized || Object.keys(certificate).length === 0) return undefined;
  const names = certificateNames(certificate).join(', ');
  return new ConnectionFault(
    'certificate',
    untrustedWords(String(socket.authorizationError), certificate),
    names,
  );
}

/** What Node says of a certificate that it does not trust, as people say it; a code that is not known stays. */
export function untrustedWords(
  code: string,
  certificate: Pick<PeerCertificate, 'issuer' | 'valid_from' | 'valid_to'>,
): string {
  const { issuer, valid_from: from, valid_to: to } = certificate;
  switch (code) {
    case 'DEPTH_ZERO_SELF_SIGNED_CERT':
    case 'SELF_SIGNED_CERT_IN_CHAIN':
      return 'it is signed by itself, and no authority here knows it';
    case 'UNABLE_TO_VERIFY_LEAF_SIGNATURE':
    case 'UNABLE_TO_GET_ISSUER_CERT':
    case 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY':
      return `the authority that signed it, ${String(issuer.CN)}, is not known here`;
    case 'CERT_HAS_EXPIRED':
      return `it has expired, ${to}`;
    case 'CERT_NOT_YET_VALID':
      return `it is good from ${from} on alone; or the clock here is wrong`;
    default:
      return code;
  }
}

function currentOf({ certificates, ca }: TlsMaterial): Current {
  const own = certificates.map((each) => ownCertificate(each, ca));
  const [first, ...others] = own;
  if (first === undefined) throw new TypeError('TLS needs a certificate');
  return { own: [first, ...others], asksPeers: ca !== undefined };
}

function ownCertificate(
  { certificate, key }: TlsMaterial['certificates'][number],
  ca: string | undefined,
): OwnCertificate {
  const leaf = new X509Certificate(certificate);
  if (!leaf.checkPrivateKey(createPrivateKey(key))) {
    throw new TypeError(`the key is not that of the certificate of ${leaf.subject}`);
  }
  const options: SecureContextOptions = {
    cert: certificate,
    key,
    minVersion: MIN_VERSION,
    // A session that is taken up again would keep names that were proved to authorities trusted no more.
    secureOptions: constants.SSL_OP_NO_TICKET,
    ...(ca === undefined ? {} : { ca }),
  };
  return {
    names: certificateNames(leaf.toLegacyObject()),
    expiresMs: Date.parse(leaf.validTo),
    options,
    context: createSecureContext(options),
  };
}

/** A wildcard is for hosts right below it (RFC 6125 §6.4.3): whether that will do is the peer's to say. */
function contextFor(own: Current['own'], name: string): SecureContext {
  const lower = name.toLowerCase();
  const wide = `*${lower.slice(lower.indexOf('.'))}`;
  const exact = own.find(({ names }) => names.includes(lower));
  return (exact ?? own.find(({ names }) => names.includes(wide)) ?? own[0]).context;
}
