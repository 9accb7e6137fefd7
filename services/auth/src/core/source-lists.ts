import { parseHostPort } from '@tandem/config';
import type { SlimConfiguration } from '@tandem/config';
import { placeOf } from '@tandem/sip-names';
import type { NameSource, SipName } from '@tandem/sip-names';
import { AddressTable } from './address-table.ts';
import { parseIpAddress, type IpAddress } from './ip-address.ts';
import { NamedAddresses } from './named-addresses.ts';

/** Which sources are never black-listed, and which get no answer (AUTH-08): made once per snapshot of the configuration. */
export class SourceLists {
  readonly #rules = new AddressTable<'allow' | 'deny'>();
  readonly #gateways = new AddressTable<true>();
  readonly #named: NamedAddresses;
  readonly #isAnyDenied: boolean;

  /** @param names of routing gateways are looked up in the background: a request takes what is known */
  constructor(
    { security, routingGateways, mappingGateways, phones }: SlimConfiguration,
    names: NameSource,
  ) {
    for (const block of security?.allow ?? []) this.#rules.add(block, 'allow');
    for (const block of security?.deny ?? []) this.#rules.add(block, 'deny');
    this.#isAnyDenied = (security?.deny ?? []).length > 0;
    for (const { addresses } of routingGateways) this.#addSockets(addresses);
    this.#named = new NamedAddresses([...namesOf(routingGateways, names)]);
    this.#addPhones(phones);
    for (const { authentication } of mappingGateways) {
      if (authentication.mode === 'ip-port') this.#addSockets(authentication.addresses);
      if (authentication.mode !== 'ip') continue;
      for (const block of authentication.addresses) this.#gateways.add(block, true);
    }
  }

  /** Whether the address is in the list of those that are allowed, or a gateway's, or that of a phone which is known by it. */
  isSpared(source: string): boolean {
    const address = parseIpAddress(source);
    if (address === undefined) return false;
    return this.#isGateway(address) || this.#rules.find(address) === 'allow';
  }

  /** A name of a gateway has been looked up again. */
  renewNames(): void {
    this.#named.renew();
  }

  /** Whether the list of those that are denied has the address, and nothing that is more exact allows it. */
  isDenied(source: string): boolean {
    if (!this.#isAnyDenied) return false;
    const address = parseIpAddress(source);
    if (address === undefined || this.#isGateway(address)) return false;
    return this.#rules.find(address) === 'deny';
  }

  #isGateway(address: IpAddress): boolean {
    return this.#gateways.find(address) === true || this.#named.has(address);
  }

  /** Who is known by its address alone is spared as a gateway is. */
  #addPhones(phones: SlimConfiguration['phones']): void {
    for (const { addresses = [], authentication } of phones) {
      if (authentication !== 'ip') continue;
      for (const block of addresses) this.#gateways.add(block, true);
    }
  }

  #addSockets(sockets: readonly string[]): void {
    for (const text of sockets) {
      const socket = parseHostPort(text, 5060);
      if (typeof socket !== 'string') this.#gateways.add(socket.host, true);
    }
  }
}

function* namesOf(
  gateways: SlimConfiguration['routingGateways'],
  names: NameSource,
): Generator<SipName> {
  for (const { addresses, transport } of gateways) {
    for (const address of addresses) {
      const place = placeOf(address, transport, names);
      if (place.kind === 'name') yield place.name;
    }
  }
}
