import { createSign, generateKeyPairSync, randomBytes } from 'node:crypto';
import type { KeyObject } from 'node:crypto';

/** A certificate that a test has issued, with its key. */
export interface IssuedCertificate {
  readonly pem: string;
  /** PKCS #8. */
  readonly keyPem: string;
  readonly key: KeyObject;
  readonly name: string;
  /** Undefined: it has signed itself. */
  readonly issuer: IssuedCertificate | undefined;
}

export interface CertificateOptions {
  readonly name: string;
  /** @default itself */
  readonly issuer?: IssuedCertificate | undefined;
  /** Whether it may issue others. @default whether it has issued itself */
  readonly isAuthority?: boolean | undefined;
  readonly validFrom: Date;
  readonly validTo: Date;
  /** RFC 8226 §9: service provider codes and numbers that it is for. @default none: it has no TNAuthList */
  readonly numbers?: readonly (
    | { readonly spc: string }
    | { readonly one: string }
    | { readonly from: string; readonly count: number }
  )[];
  /** RFC 8226 §8: claims that must be there, and values that they may have. */
  readonly constraints?: {
    readonly include?: readonly string[];
    readonly permit?: Readonly<Record<string, readonly string[]>>;
    /** RFC 9118. */
    readonly exclude?: readonly string[];
  };
  /** Names it among those that TLS clients ask for. */
  readonly addresses?: readonly string[];
  readonly domains?: readonly string[];
  /** Such as `sip:a.example` (RFC 5922 §7.1). */
  readonly uris?: readonly string[];
  /** @default prime256v1 */
  readonly curve?: string;
}

/** Issues an X.509 certificate with a new key; everything in it is as the options say, and nothing else. */
export function issueCertificate(options: CertificateOptions): IssuedCertificate {
  const { name, issuer, curve = 'prime256v1' } = options;
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: curve });
  const signed = sequence(
    explicit(0, integer(Buffer.from([2]))),
    integer(Buffer.concat([Buffer.from([1]), randomBytes(8)])),
    ECDSA_SHA256,
    nameOf(issuer?.name ?? name),
    sequence(time(options.validFrom), time(options.validTo)),
    nameOf(name),
    publicKey.export({ format: 'der', type: 'spki' }),
    explicit(3, sequence(...extensionsOf(options))),
  );
  const signature = createSign('sha256')
    .update(signed)
    .sign(issuer?.key ?? privateKey);
  const der = sequence(
    signed,
    ECDSA_SHA256,
    tlv(0x03, Buffer.concat([Buffer.from([0]), signature])),
  );
  const lines = der.toString('base64').match(/.{1,64}/g) ?? [];
  return {
    pem: ['-----BEGIN CERTIFICATE-----', ...lines, '-----END CERTIFICATE-----', ''].join('\n'),
    keyPem: privateKey.export({ format: 'pem', type: 'pkcs8' }).toString(),
    key: privateKey,
    name,
    issuer,
  };
}

function extensionsOf(options: CertificateOptions): Buffer[] {
  const { addresses = [], constraints, domains = [], issuer, numbers, uris = [] } = options;
  const { isAuthority = issuer === undefined } = options;
  const extensions: Buffer[] = [];
  if (isAuthority) {
    const isCa = sequence(tlv(0x01, Buffer.from([0xff])));
    extensions.push(sequence(BASIC_CONSTRAINTS, tlv(0x01, Buffer.from([0xff])), octets(isCa)));
  }
  const names = [
    ...uris.map((uri) => tlv(0x86, Buffer.from(uri, 'latin1'))),
    ...domains.map((domain) => tlv(0x82, Buffer.from(domain, 'latin1'))),
    ...addresses.map((address) => tlv(0x87, Buffer.from(address.split('.').map(Number)))),
  ];
  if (names.length > 0) {
    extensions.push(sequence(ALT_NAMES, octets(sequence(...names))));
  }
  if (numbers !== undefined) {
    extensions.push(sequence(oidOfPki(26), octets(sequence(...numbers.map(numberEntry)))));
  }
  if (constraints !== undefined) {
    const { include, permit, exclude } = constraints;
    const parts: Buffer[] = [];
    if (include !== undefined) parts.push(explicit(0, sequence(...include.map(ia5))));
    if (permit !== undefined) {
      const values = Object.entries(permit).map(([claim, allowed]) =>
        sequence(ia5(claim), sequence(...allowed.map(utf8))),
      );
      parts.push(explicit(1, sequence(...values)));
    }
    if (exclude !== undefined) parts.push(explicit(2, sequence(...exclude.map(ia5))));
    const id = oidOfPki(exclude === undefined ? 27 : 33);
    extensions.push(sequence(id, octets(sequence(...parts))));
  }
  return extensions;
}

function numberEntry(entry: NonNullable<CertificateOptions['numbers']>[number]): Buffer {
  if ('spc' in entry) return explicit(0, ia5(entry.spc));
  if ('one' in entry) return explicit(2, ia5(entry.one));
  const count = Buffer.alloc(4);
  count.writeUInt32BE(entry.count);
  return explicit(1, sequence(ia5(entry.from), integer(count)));
}

const ECDSA_SHA256 = Buffer.from('300a06082a8648ce3d040302', 'hex');
const COMMON_NAME = Buffer.from('0603550403', 'hex');
const BASIC_CONSTRAINTS = Buffer.from('0603551d13', 'hex');
const ALT_NAMES = Buffer.from('0603551d11', 'hex');

/** id-pe (RFC 5280 §4.2.2) and a number. */
function oidOfPki(last: number): Buffer {
  return tlv(0x06, Buffer.from([0x2b, 6, 1, 5, 5, 7, 1, last]));
}

function nameOf(text: string): Buffer {
  return sequence(tlv(0x31, sequence(COMMON_NAME, utf8(text))));
}

function time(at: Date): Buffer {
  const text = at.toISOString().replace(/[-:T]|\.\d+/g, '');
  return tlv(0x18, Buffer.from(text));
}

function tlv(tag: number, content: Buffer): Buffer {
  const { length } = content;
  const size =
    length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...size]), content]);
}

function sequence(...parts: readonly Buffer[]): Buffer {
  return tlv(0x30, Buffer.concat(parts));
}

function explicit(number: number, content: Buffer): Buffer {
  return tlv(0xa0 | number, content);
}

function integer(bytes: Buffer): Buffer {
  return tlv(0x02, bytes);
}

function octets(content: Buffer): Buffer {
  return tlv(0x04, content);
}

function ia5(text: string): Buffer {
  return tlv(0x16, Buffer.from(text, 'latin1'));
}

function utf8(text: string): Buffer {
  return tlv(0x0c, Buffer.from(text));
}
