import { RedirectedTo } from '@tandem/proto/routing';
import { parseUri, transportOfUri } from '@tandem/sip';
import { targetsOfUri } from '@tandem/sip-names';
import type { NameTarget, SipName } from '@tandem/sip-names';

/**
 * What name servers are asked for where the contact of a redirection leads (RFC 3263 §4).
 * @throws SipParseError where it is no URI
 */
export function nameOfContact(uri: string): NameTarget {
  const { scheme, host, port, params } = parseUri(uri);
  const [maddr, transport] = [params.get('maddr'), params.get('transport')];
  return {
    host: typeof maddr === 'string' ? maddr : host,
    port,
    transport: transportOfUri(scheme, typeof transport === 'string' ? transport : undefined)?.name,
  };
}

/** Where it leads, or why nowhere. @param random in [0, 1) */
export function redirectedTo(uri: string, name: SipName, random: () => number): RedirectedTo {
  const targets = targetsOfUri(uri, name, random);
  const cause = targets.length > 0 ? '' : `${name.text}: ${name.failure}`;
  return RedirectedTo.fromPartial({ uri, targets, cause });
}
