import { BlockList, isIP } from 'node:net';
import type { Block } from '../entry.ts';
import type { WatchedCall } from './watched-calls.ts';

interface Trunk {
  readonly name: string;
  readonly matches: (host: string, source: string) => boolean;
  readonly username: string | undefined;
}

/** Who calls here, by the configuration: by address, or by the name that was proved. */
export class Origins {
  readonly #trunks: readonly Trunk[];
  readonly #phones: ReadonlySet<string>;

  constructor(document: Block) {
    this.#trunks = blocks(document['mappingGateways']).map(trunkOf);
    this.#phones = new Set(blocks(document['phones']).map(({ username }) => String(username)));
  }

  /** Mapping gateway, or phone; undefined where nobody here is that. */
  of({ caller, source, username }: WatchedCall): string | undefined {
    const own = username.split('@')[0] ?? '';
    if (own !== '') {
      if (this.#phones.has(own)) return own;
      return this.#trunks.find((trunk) => trunk.username === own || trunk.username === username)?.name; // prettier-ignore
    }
    const host = source.replace(/:\d+$/, '').replace(/^\[|\]$/g, '');
    const trunk = this.#trunks.find(({ matches }) => matches(host, source));
    return trunk?.name ?? (this.#phones.has(caller) ? caller : undefined);
  }
}

function trunkOf({ authentication, name }: Block): Trunk {
  const { addresses, mode, username } = authentication as Block;
  const texts = Array.isArray(addresses) ? addresses.map(String) : [];
  const called = String(name);
  if (mode === 'password') {
    const own = typeof username === 'string' ? username : called;
    return { name: called, matches: () => false, username: own };
  }
  if (mode === 'ip-port') {
    return { name: called, matches: (_, source) => texts.includes(source), username: undefined };
  }
  const list = new BlockList();
  for (const text of texts) addBlock(list, text);
  return { name: called, matches: (host) => list.check(host, familyOf(host)), username: undefined };
}

function addBlock(list: BlockList, text: string): void {
  const [host = '', bits] = text.split('/');
  if (isIP(host) === 0) return;
  if (bits === undefined) list.addAddress(host, familyOf(host));
  else list.addSubnet(host, Number(bits), familyOf(host));
}

function familyOf(host: string): 'ipv4' | 'ipv6' {
  return isIP(host) === 6 ? 'ipv6' : 'ipv4';
}

function blocks(value: unknown): readonly Block[] {
  return Array.isArray(value) ? (value as readonly Block[]) : [];
}
