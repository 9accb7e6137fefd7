import type { SipName } from '@tandem/sip-names';
import { parseHostPort } from '@tandem/config';
import { addressKey, parseIpAddress, type IpAddress } from './ip-address.ts';

/** What the names of gateways stand for now. */
export class NamedAddresses {
  readonly #names: readonly SipName[];
  #known: ReadonlySet<string> | undefined;

  /** @param names looked up elsewhere: their servers change */
  constructor(names: readonly SipName[]) {
    this.#names = names;
  }

  has(address: IpAddress): boolean {
    if (this.#names.length === 0) return false;
    this.#known ??= new Set(this.#keys());
    return this.#known.has(addressKey(address));
  }

  /** A name has been looked up again. */
  renew(): void {
    this.#known = undefined;
  }

  *#keys(): Generator<string> {
    for (const { servers = [] } of this.#names) {
      for (const text of servers.flatMap(({ addresses }) => addresses)) {
        const socket = parseHostPort(text);
        const address = typeof socket === 'string' ? undefined : parseIpAddress(socket.host);
        if (address !== undefined) yield addressKey(address);
      }
    }
  }
}
