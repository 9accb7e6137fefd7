import { formatHostPort } from '@tandem/config';
import { transports } from '@tandem/sip';
import type { SipTransport, TransportName } from '@tandem/sip';
import type { NamedServer } from './places.ts';
import type { NameQuestion, RecordSet } from './dns-client.ts';

/** What is looked up. */
export interface NameTarget {
  readonly host: string;
  /** Named by the configuration: then neither NAPTR nor SRV is asked for. */
  readonly port: number | undefined;
  /** Undefined: the name itself says (NAPTR). */
  readonly transport: TransportName | undefined;
}

/** What a name stands for, for as long as its records say. */
export interface Resolution {
  /** Empty where the name, or what it leads to, has no address. */
  readonly servers: readonly NamedServer[];
  readonly ttlSeconds: number;
}

/** What SRV records of a transport are under (RFC 3263 §4.1); TLS is what sips asks for. */
function srvName({ isSecure, name }: SipTransport, host: string): string {
  return isSecure ? `_sips._${transports.tcp.name}.${host}` : `_sip._${name}.${host}`;
}

/** By which the switch calls, preferred first, with the NAPTR service of each (RFC 3263 §4.1). */
const spoken: readonly { readonly transport: SipTransport; readonly service: string }[] = [
  { transport: transports.udp, service: 'SIP+D2U' },
  { transport: transports.tcp, service: 'SIP+D2T' },
];
/** Nobody tries more. */
const MOST_SERVERS = 16;
const MOST_ADDRESSES = 8;
/** What is known in part is asked for again soon. */
const PARTIAL_TTL_SECONDS = 30;

/** The servers of a transport, and the least TTL of all that was looked at. */
interface Found extends Resolution {
  readonly transport: SipTransport;
}

/** Finds the servers of a SIP name (RFC 3263 §4.1, §4.2). Rejects where name servers are away. */
export async function lookUp(ask: NameQuestion, target: NameTarget): Promise<Resolution> {
  const { host, port, transport: named } = target;
  const only = named === undefined ? undefined : transports[named];
  if (port !== undefined) {
    return byAddress(ask, { host, port, transport: only ?? transports.udp, ttlSeconds: Infinity });
  }
  if (only === undefined) {
    const pointed = await byNaptr(ask, host);
    if (pointed !== undefined && pointed.servers.length > 0) return pointed;
  }
  const tried = only === undefined ? spoken.map(({ transport }) => transport) : [only];
  const found = await Promise.all(
    tried.map((transport) => bySrv(ask, srvName(transport, host), transport)),
  );
  const ttlSeconds = Math.min(...found.map((each) => each.ttlSeconds));
  const first = found.find(({ isThere }) => isThere);
  if (first !== undefined) return { servers: first.servers, ttlSeconds };
  const transport = only ?? transports.udp;
  return byAddress(ask, { host, port: transport.defaultPort, transport, ttlSeconds });
}

/** RFC 3263 §4.1: the first service in the order of the records that is spoken here. */
async function byNaptr(ask: NameQuestion, host: string): Promise<Found | undefined> {
  const { records, ttlSeconds } = await ask(host, 'NAPTR');
  const ordered = records.toSorted(
    (one, other) => one.order - other.order || one.preference - other.preference,
  );
  for (const { flags, services, replacement } of ordered) {
    const service = spoken.find((each) => each.service === services.toUpperCase());
    if (flags.toLowerCase() !== 's' || service === undefined) continue;
    const { transport } = service;
    const found = await bySrv(ask, replacement, transport, `NAPTR ${services} to `);
    return { ...found, transport, ttlSeconds: Math.min(ttlSeconds, found.ttlSeconds) };
  }
  return undefined;
}

async function bySrv(
  ask: NameQuestion,
  name: string,
  transport: SipTransport,
  led = '',
): Promise<Found & { readonly isThere: boolean }> {
  const { records, ttlSeconds } = await ask(name, 'SRV');
  const nearest = records
    .toSorted((one, other) => (one.priority ?? 0) - (other.priority ?? 0))
    .slice(0, MOST_SERVERS);
  const servers = await whatAnswers(
    nearest.map(async ({ priority = 0, weight = 0, port, target }) => {
      // RFC 2782: the service is decidedly not available at this domain.
      if (target === '' || target === '.') return { addresses: [], ttlSeconds };
      const found = await addressesOf(ask, target, port);
      const record = `${led}SRV ${name} ${String(priority)} ${String(weight)} to ${target}:${String(port)}`;
      return { ...found, priority, weight, transport: transport.name, record };
    }),
  );
  return {
    transport,
    isThere: records.length > 0,
    servers: servers.flatMap((each) =>
      'record' in each && each.addresses.length > 0 ? [withoutTtl(each)] : [],
    ),
    ttlSeconds: Math.min(ttlSeconds, ...servers.map((each) => each.ttlSeconds)),
  };
}

async function byAddress(
  ask: NameQuestion,
  about: {
    readonly host: string;
    readonly port: number;
    readonly transport: SipTransport;
    readonly ttlSeconds: number;
  },
): Promise<Resolution> {
  const { host, port, transport } = about;
  const { addresses, ttlSeconds } = await addressesOf(ask, host, port);
  const server = {
    priority: 0,
    weight: 0,
    transport: transport.name,
    addresses,
    record: `AAAA, A ${host}`,
  };
  return {
    servers: addresses.length === 0 ? [] : [server],
    ttlSeconds: Math.min(about.ttlSeconds, ttlSeconds),
  };
}

/** IPv6 first: an edge that has none passes over them. */
async function addressesOf(
  ask: NameQuestion,
  host: string,
  port: number,
): Promise<{ readonly addresses: readonly string[]; readonly ttlSeconds: number }> {
  const sets = await whatAnswers<RecordSet<'A'> | RecordSet<'AAAA'>>([
    ask(host, 'AAAA'),
    ask(host, 'A'),
  ]);
  const addresses = sets
    .flatMap(({ records }) => records.slice(0, MOST_ADDRESSES))
    .map((address) => formatHostPort({ host: address, port }));
  // That there is none of one version may change later than the addresses of the other.
  const telling = sets.filter(({ records }) => records.length > 0);
  const counted = telling.length === 0 ? sets : telling;
  const leastTtl = Math.min(...counted.map((each) => each.ttlSeconds));
  const isWhole = sets.length === 2;
  return { addresses, ttlSeconds: isWhole ? leastTtl : Math.min(leastTtl, PARTIAL_TTL_SECONDS) };
}

/** Of several questions the answers there are; rejects where there is none. */
async function whatAnswers<Value>(asked: readonly Promise<Value>[]): Promise<Value[]> {
  const settled = await Promise.allSettled(asked);
  const values = settled.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []));
  const failed = settled.find((each) => each.status === 'rejected');
  if (values.length === 0 && failed !== undefined) throw failed.reason;
  return values;
}

function withoutTtl({ priority, weight, transport, addresses, record }: NamedServer): NamedServer {
  return { priority, weight, transport, addresses, record };
}
