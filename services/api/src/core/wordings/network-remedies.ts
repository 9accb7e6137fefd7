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

/** What would change it that one side speaks TLS and the other does not; undefined where it is not that. */
export function protocolRemedy(subject: string, network = ''): string | undefined {
  const gateway = readable(subject);
  if (network.startsWith('TLS is spoken at this port')) {
    return `Set transport: tls for ${gateway}, or write the port where it speaks plain SIP into its addresses.`;
  }
  if (network.startsWith('no TLS is spoken there')) {
    return `Set transport: tcp for ${gateway}, if it speaks plain SIP at this port, or write the port where it speaks TLS into its addresses (\`tandem gateways test ${nameIn(subject)}\`).`;
  }
  return undefined;
}

/** What would change it that a gateway, or a device, cannot be reached. */
export function remedyOfUnreachable(
  subject: string,
  { address, network, transport = '' }: FactsOf<'unreachable'>,
): string {
  const protocol = isPhone(subject) ? undefined : protocolRemedy(subject, network);
  if (protocol !== undefined) return protocol;
  if (isPhone(subject)) {
    return `It comes back with the next REGISTER: \`tandem explain registration ${nameIn(subject)}\` says when it was heard last.`;
  }
  const how = transport === '' ? '' : ` by ${transport} (transport of ${readable(subject)})`;
  return `See whether ${readable(subject)} is up and speaks SIP at ${address}${how}: \`tandem gateways test ${nameIn(subject)}\`.`;
}

/** What a client says of a part that did not answer, in words: of gRPC (its status), Redis and sockets. */
export function awayInWords(error: string): string {
  const at = /(?:ECONNREFUSED|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|ECONNRESET) ([\d.:[\]a-f]+:\d+)/i.exec(error)?.[1]; // prettier-ignore
  const where = at === undefined ? '' : ` at ${at}`;
  const known = saidOfParts.find(([pattern]) => pattern.test(error));
  return known === undefined ? error : `${known[1]}${where}`;
}

/** The first that fits: a status of gRPC says less than what is behind it. */
const saidOfParts: readonly (readonly [RegExp, string])[] = [
  [/ECONNREFUSED/, 'nobody takes connections'],
  [/ENOTFOUND|EAI_AGAIN|Name resolution failed/i, 'its name has no address'],
  [/EHOSTUNREACH|ENETUNREACH/, 'there is no way to it'],
  [/ECONNRESET|EPIPE|Connection (?:is closed|dropped)|Socket closed/i, 'the connection broke'],
  [/DEADLINE_EXCEEDED|ETIMEDOUT|timed? ?out/i, 'it did not answer in time'],
  [/LOADING/, 'it is reading its data'],
  [/READONLY/, 'it is a replica, and takes no changes'],
  [/OOM command not allowed/i, 'its memory is full'],
  [/ is away$/, 'it is away'],
  [/UNAVAILABLE/, 'no connection to it could be made'],
];
