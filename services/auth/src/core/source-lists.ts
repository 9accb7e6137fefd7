import { parseHostPort } from '@tandem/config';
import type { Configuration } from '@tandem/config';
import { AddressTable } from './address-table.ts';
import { parseIpAddress } from './ip-address.ts';

/** Which sources are never black-listed, and which get no answer (AUTH-08): made once per snapshot of the configuration. */
export class SourceLists {
  readonly #rules = new AddressTable<'allow' | 'deny'>();
  readonly #gateways = new AddressTable<true>();
  readonly #isAnyDenied: boolean;

  constructor({ security, routingGateways, mappingGateways }: Configuration) {
    for (const block of security?.allow ?? []) this.#rules.add(block, 'allow');
    for (const block of security?.deny ?? []) this.#rules.add(block, 'deny');
    this.#isAnyDenied = (security?.deny ?? []).length > 0;
    for (const { addresses } of routingGateways) this.#addSockets(addresses);
    for (const { authentication } of mappingGateways) {
      if (authentication.mode === 'ip-port') this.#addSockets(authentication.addresses);
      if (authentication.mode !== 'ip') continue;
      for (const block of authentication.addresses) this.#gateways.add(block, true);
    }
  }

  /** Whether the address is in the list of those that are allowed, or a gateway's. */
  isSpared(source: string): boolean {
    const address = parseIpAddress(source);
    if (address === undefined) return false;
    return this.#gateways.find(address) === true || this.#rules.find(address) === 'allow';
  }

  /** Whether the list of those that are denied has the address, and nothing that is more exact allows it. */
  isDenied(source: string): boolean {
    if (!this.#isAnyDenied) return false;
    const address = parseIpAddress(source);
    if (address === undefined || this.#gateways.find(address) === true) return false;
    return this.#rules.find(address) === 'deny';
  }

  #addSockets(sockets: readonly string[]): void {
    for (const text of sockets) {
      const socket = parseHostPort(text, 5060);
      // A name is no address here: what it leads to may stand in security.allow.
      if (typeof socket !== 'string') this.#gateways.add(socket.host, true);
    }
  }
}
