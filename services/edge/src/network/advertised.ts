import { SwitchError } from '@tandem/domain';
import { transports } from '@tandem/sip';
import type { EdgeConfig } from '../config.ts';
import type { ProbeTarget } from '../ports.ts';
import type { SipListen } from './sip-sockets.ts';

/**
 * What peers send to: as configured, else as listened on; never guessed (CALL-07).
 * @throws SwitchError SWITCH_CONFIGURATION_INVALID
 */
export function advertisedBy(
  { sipAdvertised }: EdgeConfig,
  listening: readonly SipListen[],
): { readonly address: string; readonly port: number } {
  if (sipAdvertised !== undefined) {
    return { address: sipAdvertised.host, port: sipAdvertised.port };
  }
  const [first] = listening;
  if (first === undefined || first.address === '0.0.0.0' || first.address === '::') {
    const what =
      first === undefined ? 'there is no SIP socket' : `peers cannot reach ${first.address}`;
    throw new SwitchError(
      'SWITCH_CONFIGURATION_INVALID',
      `TANDEM_SIP_ADVERTISED is not set: ${what}`,
    );
  }
  return first;
}

/** The advertised address by each transport that peers may use (CALL-07). A worker's fronts are tried over UDP. */
export function probeTargets(
  { address, port }: { readonly address: string; readonly port: number },
  listening: readonly SipListen[],
): ProbeTarget[] {
  const named = new Set(listening.map(({ transport }) => transport));
  if (named.size === 0) named.add(transports.udp.name);
  return Array.from(named, (transport) => ({ transport, host: address, port }));
}
