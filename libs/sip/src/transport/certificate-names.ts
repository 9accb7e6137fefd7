import { SocketAddress, isIPv4, isIPv6 } from 'node:net';

/** Of a peer's certificate what names are read from; as `TLSSocket.getPeerCertificate` gives it. */
export interface NamedCertificate {
  readonly subject?: { readonly CN?: string | string[] | undefined } | undefined;
  /** `URI:sip:a.example, DNS:a.example, IP Address:192.0.2.1`. */
  readonly subjectaltname?: string | undefined;
}

/** A value with anything odd in it stands there as a JSON string, so that no comma in it makes a second one. */
const alternativeName = /(?:^|, )(URI|DNS|IP Address):("(?:[^"\\]|\\.)*"|[^,]*)/g;
const sipDomain = /^sip:([^@;?]+)$/i;
/** What is packed of a peer's names: more make its tokens long. */
const MOST_NAMES = 8;
const LONGEST_NAMES = 255;

/**
 * The domains and IP addresses that a certificate stands for, in lower case (RFC 5922 §7.1): `sip` URIs without a user and DNS
 * names of its subjectAltName, and the common name where it has none at all.
 */
export function certificateNames({ subject, subjectaltname }: NamedCertificate): string[] {
  if (subjectaltname === undefined || subjectaltname === '') {
    const name = subject?.CN;
    return typeof name === 'string' ? distinct([nameOf('DNS', name)]) : [];
  }
  return distinct(
    Array.from(subjectaltname.matchAll(alternativeName), ([, kind = '', value = '']) =>
      nameOf(kind, value),
    ),
  );
}

/**
 * The names as they go along with a peer's address, with commas: the first few, for a certificate may have hundreds.
 * Undefined where there is none.
 */
export function joinedNames(names: readonly string[]): string | undefined {
  let text = '';
  for (const name of names.slice(0, MOST_NAMES)) {
    const longer = text === '' ? name : `${text},${name}`;
    if (longer.length <= LONGEST_NAMES) text = longer;
  }
  return text === '' ? undefined : text;
}

/**
 * Whether a certificate with these names proves all that are wanted, which stand with commas. A wildcard stands for nothing but
 * itself (RFC 5922 §7.2).
 */
export function provesName(names: readonly string[], wanted: string): boolean {
  return wanted.split(',').every((name) => {
    const plain = nameOf(isIPv4(name) || isIPv6(name) ? 'IP Address' : 'DNS', name);
    return plain !== undefined && names.includes(plain);
  });
}

function nameOf(kind: string, written: string): string | undefined {
  const value = written.startsWith('"') ? unquoted(written) : written;
  if (kind === 'IP Address') return addressOf(value);
  const domain = kind === 'URI' ? sipDomain.exec(value)?.[1] : value;
  // Commas and spaces are in no domain; they would make two names of one.
  return domain === undefined || !/^[\w.*-]+$/.test(domain)
    ? undefined
    : domain.toLowerCase().replace(/\.$/, '');
}

function unquoted(text: string): string {
  try {
    return String(JSON.parse(text));
  } catch {
    return ''; // Not as Node writes it: no name.
  }
}

/** OpenSSL writes IPv6 addresses in full. */
function addressOf(text: string): string | undefined {
  if (isIPv4(text)) return text;
  return isIPv6(text) ? new SocketAddress({ address: text, family: 'ipv6' }).address : undefined;
}

function distinct(names: readonly (string | undefined)[]): string[] {
  return [...new Set(names.filter((name) => name !== undefined && name !== ''))] as string[];
}
