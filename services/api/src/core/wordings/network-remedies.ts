import type { FactsOf } from '@tandem/domain';
import { isPhone, nameIn, readable } from './wording.ts';

/** What would change it that a certificate of a gateway was not accepted; undefined where it is not that. */
export function certificateRemedy(
  subject: string,
  { network = '' }: FactsOf<'unreachable'>,
): string | undefined {
  if (!network.startsWith('its certificate is not accepted')) return undefined;
  const gateway = readable(subject);
  if (network.includes('has to be for')) {
    return `Write the name that the certificate is for into certificate.name of ${gateway} (\`tandem gateways test ${nameIn(subject)}\` shows it), or have its operator show one for the name in addresses.`;
  }
  if (network.includes('expired') || network.includes('good from')) {
    return `Have its operator renew the certificate, and see that the clock here is right.`;
  }
  return `Put the authority that signed it into the file of TANDEM_SIP_TLS_CA; certificate.check: none of ${gateway} takes any, and then nobody proves who is there.`;
}

/** What would change it that a gateway, or a device, cannot be reached. */
export function remedyOfUnreachable(
  subject: string,
  { address, transport = '' }: FactsOf<'unreachable'>,
): string {
  if (isPhone(subject)) {
    return `It comes back with the next REGISTER: \`tandem explain registration ${nameIn(subject)}\` says when it was heard last.`;
  }
  const how = transport === '' ? '' : ` by ${transport} (transport of ${readable(subject)})`;
  return `See whether ${readable(subject)} is up and speaks SIP at ${address}${how}: \`tandem gateways test ${nameIn(subject)}\`.`;
}
