import { parseHostPort } from '@tandem/config';
import type { Phone, SlimConfiguration, SlimRoutingGateway } from '@tandem/config';
import { eachInSteps, type Steps } from '@tandem/domain';
import { placeOf } from '@tandem/sip-names';
import type { NameSource, SipName } from '@tandem/sip-names';
import { AddressTable } from './address-table.ts';
import { parseIpAddress, type IpAddress } from './ip-address.ts';
import { NamedAddresses } from './named-addresses.ts';

interface Rule {
  readonly kind: 'allow' | 'deny';
  /** As it is written. */
  readonly block: string;
}

/** Which sources are never black-listed, and which get no answer (AUTH-08): made once per snapshot of the configuration. */
export class SourceLists {
  readonly #rules = new AddressTable<Rule>();
  readonly #gateways = new AddressTable<true>();
  readonly #named: NamedAddresses;
  readonly #isAnyDenied: boolean;

  private constructor(security: SlimConfiguration['security'], names: readonly SipName[]) {
    for (const block of security?.allow ?? []) this.#rules.add(block, { kind: 'allow', block });
    for (const block of security?.deny ?? []) this.#rules.add(block, { kind: 'deny', block });
    this.#isAnyDenied = (security?.deny ?? []).length > 0;
    this.#named = new NamedAddresses(names);
  }

  /** @param names of routing gateways are looked up in the background: a request takes what is known */
  static *inSteps(
    { security, routingGateways, mappingGateways, phones }: SlimConfiguration,
    names: NameSource,
  ): Steps<SourceLists> {
    const named: SipName[] = [];
    const lists = new SourceLists(security, named);
    yield* eachInSteps(routingGateways, (gateway) => {
      lists.#addSockets(gateway.addresses);
      named.push(...namesOf(gateway, names));
    });
    yield* eachInSteps(phones, (phone) => {
      lists.#addPhone(phone);
    });
    yield* eachInSteps(mappingGateways, ({ authentication }) => {
      if (authentication.mode === 'ip-port') lists.#addSockets(authentication.addresses);
      if (authentication.mode !== 'ip') return;
      for (const block of authentication.addresses) lists.#gateways.add(block, true);
    });
    return lists;
  }

  /** Whether the address is in the list of those that are allowed, or a gateway's, or that of a phone which is known by it. */
  isSpared(source: string): boolean {
    const address = parseIpAddress(source);
    if (address === undefined) return false;
    return this.#isGateway(address) || this.#rules.find(address)?.kind === 'allow';
  }

  /** A name of a gateway has been looked up again. */
  renewNames(): void {
    this.#named.renew();
  }

  /** The block of those that are denied which has the address, where nothing that is more exact allows it. */
  deniedBy(source: string): string | undefined {
    if (!this.#isAnyDenied) return undefined;
    const address = parseIpAddress(source);
    if (address === undefined || this.#isGateway(address)) return undefined;
    const rule = this.#rules.find(address);
    return rule?.kind === 'deny' ? rule.block : undefined;
  }

  #isGateway(address: IpAddress): boolean {
    return this.#gateways.find(address) === true || this.#named.has(address);
  }

  /** Who is known by its address alone is spared as a gateway is. */
  #addPhone({ addresses = [], authentication }: Phone): void {
    if (authentication !== 'ip') return;
    for (const block of addresses) this.#gateways.add(block, true);
  }

  #addSockets(sockets: readonly string[]): void {
    for (const text of sockets) {
      const socket = parseHostPort(text, 5060);
      if (typeof socket !== 'string') this.#gateways.add(socket.host, true);
    }
  }
}

function* namesOf(
  { addresses, transport }: SlimRoutingGateway,
  names: NameSource,
): Generator<SipName> {
  for (const address of addresses) {
    const place = placeOf(address, transport, names);
    if (place.kind === 'name') yield place.name;
  }
}
