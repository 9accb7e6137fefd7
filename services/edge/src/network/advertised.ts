import { SwitchError } from '@tandem/domain';
import { transportOf, transports } from '@tandem/sip';
import type { TransportName } from '@tandem/sip';
import type { EdgeConfig } from '../config.ts';
import { LocalAddresses, speaks } from '../core/network/local-addresses.ts';
import type { LocalAddress } from '../core/network/local-addresses.ts';
import type { ProbeTarget } from '../ports.ts';
import { localAddressesOf } from '../sip-places.ts';
import type { SipListen } from './sip-sockets.ts';

/**
 * What peers send to: as configured, else as listened on; never guessed (CALL-07).
 * @throws SwitchError SWITCH_CONFIGURATION_INVALID
 */
export function advertisedBy(
  { role, sipAdvertised = [], sipFronts, sipProduct }: EdgeConfig,
  listening: readonly SipListen[],
): LocalAddresses {
  const isAlone = role !== 'worker' && sipFronts.length === 0;
  const given = localAddressesOf(sipAdvertised, listening, isAlone);
  const addresses = new LocalAddresses(given, sipProduct);
  const anywhere = addresses.all.find(({ host }) => host === '0.0.0.0' || host === '[::]');
  if (anywhere !== undefined) throw notSet(`peers cannot reach ${anywhere.host}`);
  const byId = new Map<number, string>();
  for (const { id, hostPort } of addresses.all) {
    if ((byId.get(id) ?? hostPort) !== hostPort) {
      throw notSet(`${hostPort} cannot stand beside ${byId.get(id) ?? ''}: take another port`);
    }
    byId.set(id, hostPort);
  }
  return addresses;
}

/**
 * What stands for the switch where no peer is asked about: the first that is not for one network.
 * @throws SwitchError SWITCH_CONFIGURATION_INVALID
 */
export function mainAddress({ all }: LocalAddresses): LocalAddress {
  const found = all.find(({ network }) => network === undefined) ?? all[0];
  if (found === undefined) throw notSet('there is no SIP socket');
  return found;
}

/** The advertised addresses by each transport that peers may use (CALL-07). A worker's fronts are tried over UDP. */
export function probeTargets(
  { all }: LocalAddresses,
  listening: readonly SipListen[],
): ProbeTarget[] {
  const spoken = new Set(listening.filter(isProbed).map(({ transport }) => transport));
  if (spoken.size === 0) spoken.add(transports.udp.name);
  const targets = new Map<string, ProbeTarget>();
  for (const transport of spoken) {
    for (const address of all) {
      if (!speaks(address, transport)) continue;
      targets.set(`${transport} ${address.hostPort}`, probeTarget(address, transport));
    }
  }
  return [...targets.values()];
}

/** Browsers are known by passwords, never by their address. */
function isProbed(one: SipListen): boolean {
  return transportOf(one).unit !== 'frame';
}

function probeTarget({ address, port }: LocalAddress, transport: TransportName): ProbeTarget {
  return { transport, host: address, port };
}

function notSet(why: string): SwitchError {
  return new SwitchError(
    'SWITCH_CONFIGURATION_INVALID',
    `TANDEM_SIP_ADVERTISED is not set: ${why}`,
  );
}
