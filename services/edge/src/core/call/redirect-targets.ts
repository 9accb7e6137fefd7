import { readNumber } from '@tandem/domain';
import type { Candidate, Target } from '@tandem/proto/routing';
import { parseUri, userOf } from '@tandem/sip';
import { formatPeerAddress, ipLiteral } from '../network/peer-address.ts';
import { servedTransport, servedTransportOf } from '../network/served-transports.ts';

/** RFC 3261 §25.1: `hostname`. */
const NAME = /^([a-z\d]([a-z\d-]*[a-z\d])?\.)*[a-z]([a-z\d-]*[a-z\d])?\.?$/i;

/** Where a contact leads, or why it leads nowhere; without an address where its host is a name. */
export function targetOf(text: string, { transport: own }: Candidate): Target | string {
  try {
    const parsed = parseUri(text);
    const { params } = parsed;
    if (readNumber(userOf(text)).kind !== 'number') return 'it names no number';
    if (parsed.port === 0) return 'its port is 0';
    const host = hostOf(text);
    const address = ipLiteral(host);
    if (address === undefined && !NAME.test(host)) return 'its host is neither address nor name';
    const isNamed = params.has('transport') || parsed.scheme === 'sips';
    const transport = isNamed ? servedTransportOf(parsed) : servedTransport(own);
    // RFC 7118 §5: a browser is reached by its own connection alone.
    if (transport === undefined || transport.unit === 'frame') {
      return 'its transport is not served here';
    }
    const { port = transport.defaultPort } = parsed;
    const place = address === undefined ? undefined : formatPeerAddress({ address, port });
    // RFC 3261 §19.1.5: headers of the URI are not taken over, they could say anything.
    const uri = text.replace(/\?.*$/, '');
    const addresses = place === undefined ? [] : [place];
    return { uri, transport: transport.name, addresses, flow: '', path: [] };
  } catch {
    return 'it cannot be read';
  }
}

/** Whether a contact is the gateway that named it. */
export function isItself(
  { addresses: own, targets }: Candidate,
  { addresses, uri }: Target,
): boolean {
  if (addresses.length > 0) return addresses.every((each) => own.includes(each));
  return targets.some((target) => placeOf(target.uri) === placeOf(uri));
}

/** RFC 3261 §19.1.1: who is to be asked is `maddr`, where it is given. */
export function hostOf(uri: string): string {
  const { host, params } = parseUri(uri);
  const maddr = params.get('maddr');
  return (typeof maddr === 'string' ? maddr : host).toLowerCase();
}

function placeOf(uri: string): string {
  return `${hostOf(uri)} ${String(parseUri(uri).port ?? '')}`;
}
