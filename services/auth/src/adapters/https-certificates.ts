import { lookup } from 'node:dns';
import type { LookupAddress } from 'node:dns';
import { request } from 'node:https';
import { BlockList, isIP } from 'node:net';
import type { LookupFunction } from 'node:net';
import type { Fetched } from '@tandem/stir';

/** Auth is waited for by a call: a server that does not answer by then is away. */
const DEADLINE_MS = 2000;
/** Certificates of a chain have some kilobytes. */
const MOST_BYTES = 64 * 1024;
/** Where the server does not say. */
const GOOD_MS = 3_600_000;

/** Addresses that are nobody's on the Internet (RFC 6890): what a stranger may not make the switch ask. */
const notPublic = new BlockList();
for (const [net, prefix] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 3],
] as const) {
  notPublic.addSubnet(net, prefix);
}

const GLOBAL_V6 = new BlockList();
GLOBAL_V6.addSubnet('2000::', 3, 'ipv6');
const notPublicV6 = new BlockList();
for (const [net, prefix] of [
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20],
] as const) {
  notPublicV6.addSubnet(net, prefix, 'ipv6');
}

/** Whether an address is one of the public Internet. */
export function isPublicAddress(address: string): boolean {
  switch (isIP(address)) {
    case 4:
      return !notPublic.check(address);
    case 6:
      return GLOBAL_V6.check(address, 'ipv6') && !notPublicV6.check(address, 'ipv6');
    default:
      return false;
  }
}

export interface HttpsCertificatesOptions {
  /** Whether addresses that are not public may be asked (TANDEM_STIR_FETCH). */
  readonly allowsPrivate: boolean;
  /** Authorities (PEM) for the servers. @default those of Node */
  readonly ca?: string | undefined;
}

/**
 * Fetches the certificates of a signature, whose URL a stranger has chosen: by HTTPS alone, from a public address, which is
 * looked at after the name was resolved, without following anything further, and within bounds of time and size.
 */
export function httpsCertificates(
  options: HttpsCertificatesOptions,
): (url: string) => Promise<Fetched> {
  return (url) =>
    new Promise((resolve) => {
      const settle = (fetched: Fetched): void => {
        clearTimeout(deadline);
        opened.call?.destroy();
        resolve(fetched);
      };
      const fail = (cause: string): void => {
        settle(`certificate at ${url}: ${cause}`);
      };
      const opened: { call?: ReturnType<typeof request> } = {};
      const deadline = setTimeout(() => {
        fail(`no answer within ${String(DEADLINE_MS)} ms`);
      }, DEADLINE_MS);
      const target = targetOf(url, options);
      if (typeof target === 'string') {
        fail(target);
        return;
      }
      const { ca } = options;
      const call = request(target, {
        agent: false,
        lookup: publicLookup(options),
        headers: { accept: 'application/pem-certificate-chain, application/pkix-cert, */*;q=0.1' },
        ...(ca === undefined ? {} : { ca }),
      });
      opened.call = call;
      call.on('error', (error) => {
        fail(error.message);
      });
      call.on('response', (response) => {
        const { headers, statusCode } = response;
        if (statusCode !== 200) {
          fail(`the server answers ${String(statusCode)}`);
          return;
        }
        const chunks: Buffer[] = [];
        let size = 0;
        response.on('data', (chunk: Buffer) => {
          size += chunk.length;
          if (size > MOST_BYTES) fail(`it is longer than ${String(MOST_BYTES)} bytes`);
          else chunks.push(chunk);
        });
        response.on('error', (error) => {
          fail(error.message);
        });
        response.on('end', () => {
          settle({ bytes: Buffer.concat(chunks), goodForMs: goodFor(headers['cache-control']) });
        });
      });
      call.end();
    });
}

/** @returns in words why it is not asked */
function targetOf(text: string, { allowsPrivate }: HttpsCertificatesOptions): URL | string {
  const url = URL.parse(text);
  if (url === null) return 'it is no URL';
  if (url.protocol !== 'https:') return 'it is not an https URL';
  if (url.username !== '' || url.password !== '') return 'it holds a user name';
  // RFC 8224 §7.4; Node asks no name server where the host is an address.
  const host = url.hostname.replace(/^\[|\]$/g, '');
  if (isIP(host) !== 0 && !allowsPrivate && !isPublicAddress(host)) {
    return `${host} is no public address`;
  }
  return url;
}

/** Resolves a name, and gives nothing back but addresses that may be asked: those it is then connected to. */
function publicLookup({ allowsPrivate }: HttpsCertificatesOptions): LookupFunction {
  return (hostname, options, callback) => {
    lookup(hostname, { ...options, all: true }, (error, found: LookupAddress[]) => {
      if (error !== null) {
        callback(error, []);
        return;
      }
      const usable = found.filter(({ address }) => allowsPrivate || isPublicAddress(address));
      const [first] = usable;
      if (first === undefined) callback(new Error(`${hostname} has no public address`), []);
      else if (options.all === true) callback(null, usable);
      else callback(null, first.address, first.family);
    });
  };
}

function goodFor(cacheControl: string | undefined): number {
  if (cacheControl !== undefined && /no-(store|cache)/i.test(cacheControl)) return 0;
  const seconds = /max-age\s*=\s*(\d{1,9})/i.exec(cacheControl ?? '')?.[1];
  return seconds === undefined ? GOOD_MS : Number(seconds) * 1000;
}
