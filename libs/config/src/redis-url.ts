import { parseHostPort } from './network.ts';
import type { HostPort } from './network.ts';

/** What a `TANDEM_REDIS_URL` says. */
export interface RedisPlace {
  /** One server, a primary that sentinels know by name, or a cluster. */
  readonly kind: 'alone' | 'sentinel' | 'cluster';
  /** The server; the sentinels; some nodes of the cluster. */
  readonly addresses: readonly HostPort[];
  /** What the sentinels call the primary; '' without sentinels. */
  readonly name: string;
  /** Always 0 in a cluster. */
  readonly database: number;
  readonly username: string | undefined;
  readonly password: string | undefined;
  readonly sentinelUsername: string | undefined;
  readonly sentinelPassword: string | undefined;
  /** TLS to every server, sentinels included. */
  readonly isTls: boolean;
}

const FORMS =
  'write a URL such as redis://127.0.0.1:6379, redis+sentinel://host:26379,host:26379/name or ' +
  'redis+cluster://host:6379,host:6379 (rediss for TLS)';

const PARTS =
  /^(?<scheme>rediss?)(?:\+(?<kind>sentinel|cluster))?:\/\/(?:(?<user>[^/?#]*)@)?(?<hosts>[^/?#@]+)(?:\/(?<path>[^?#]*))?(?:\?(?<query>[^#]*))?$/;

/**
 * Reads the URL of a Redis:
 * `redis://[user:password@]host:port[/database]`,
 * `redis+sentinel://[user:password@]host:port,…/name[/database][?sentinelPassword=…&sentinelUser=…]`,
 * `redis+cluster://[user:password@]host:port,…`; with `rediss` the same over TLS. What is special in a URL is written
 * with percent signs in a password.
 * @returns a text that says what is right, where it is wrong
 */
export function parseRedisUrl(url: string): RedisPlace | string {
  const parts = PARTS.exec(url.trim())?.groups;
  if (parts === undefined) return FORMS;
  const kind = kindOf(parts['kind']);
  const addresses = readAddresses(parts['hosts'] ?? '', kind === 'sentinel' ? 26_379 : 6379);
  if (typeof addresses === 'string') return addresses;
  if (kind === 'alone' && addresses.length > 1) {
    return `several addresses need sentinels or a cluster: ${FORMS}`;
  }
  const path = readPath(kind, parts['path'] ?? '');
  if (typeof path === 'string') return path;
  const credentials = readCredentials(parts['user'] ?? '', parts['query'] ?? '', kind);
  if (typeof credentials === 'string') return credentials;
  return { kind, addresses, ...path, ...credentials, isTls: parts['scheme'] === 'rediss' };
}

type Kind = RedisPlace['kind'];

function kindOf(text: string | undefined): Kind {
  return text === 'sentinel' || text === 'cluster' ? text : 'alone';
}

function readAddresses(text: string, defaultPort: number): readonly HostPort[] | string {
  const addresses: HostPort[] = [];
  for (const part of text.split(',')) {
    const parsed = parseHostPort(part.trim(), defaultPort);
    if (typeof parsed === 'string') return `"${part}" is no host and port: ${FORMS}`;
    addresses.push(parsed);
  }
  return addresses;
}

function readPath(
  kind: Kind,
  text: string,
): { readonly name: string; readonly database: number } | string {
  const segments = text.split('/').filter((segment) => segment !== '');
  const name = kind === 'sentinel' ? decoded(segments.shift() ?? '') : '';
  if (kind === 'sentinel' && (name === undefined || name === '')) {
    return 'write what the sentinels call the primary: redis+sentinel://host:26379/name';
  }
  const [database = '0', ...others] = segments;
  if (others.length > 0 || !/^\d{1,5}$/.test(database)) {
    return `"/${text}" is wrong: after the ${kind === 'sentinel' ? 'name' : 'port'} comes at most the number of a database`;
  }
  if (kind === 'cluster' && database !== '0') return 'a Redis Cluster has database 0 alone';
  return { name: name ?? '', database: Number(database) };
}

type Credentials = Pick<
  RedisPlace,
  'username' | 'password' | 'sentinelUsername' | 'sentinelPassword'
>;

function readCredentials(user: string, query: string, kind: Kind): Credentials | string {
  const colon = user.indexOf(':');
  const username = decoded(colon === -1 ? user : user.slice(0, colon));
  const password = decoded(colon === -1 ? '' : user.slice(colon + 1));
  if (username === undefined || password === undefined) {
    return 'user and password cannot be read: write their special characters as percent signs and two digits';
  }
  const settings = new URLSearchParams(query);
  const unknown = [...settings.keys()].find(
    (key) => kind !== 'sentinel' || !['sentinelUser', 'sentinelPassword'].includes(key),
  );
  if (unknown !== undefined) {
    return `"${unknown}" is not known: after ? only sentinelUser and sentinelPassword are, with sentinels`;
  }
  return {
    username: given(username),
    password: given(password),
    sentinelUsername: given(settings.get('sentinelUser') ?? ''),
    sentinelPassword: given(settings.get('sentinelPassword') ?? ''),
  };
}

function given(text: string): string | undefined {
  return text === '' ? undefined : text;
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
