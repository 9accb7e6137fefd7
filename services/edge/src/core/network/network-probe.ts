import { Headers, SipRequest, responseTo, transports } from '@tandem/sip';
import type { SipResponse, TransportName } from '@tandem/sip';
import { formatPeerAddress, parsePeerAddress } from './peer-address.ts';
import type { PeerAddress } from './peer-address.ts';
import type { Sealer } from '../marks/seal.ts';
import { statelessTag } from '../marks/stateless-tag.ts';

/** The header of an answer that says, sealed, what the pod saw. */
const ANSWER_HEADER = 'X-Tandem-Probe';
const USER_PREFIX = 'probe-';

/** A probe of the own network (CALL-07): an OPTIONS that any pod knows as ours. */
export interface Probe {
  /** Random text, so that an answer is known to belong to this probe. */
  readonly nonce: string;
  readonly transport: TransportName;
  /** Advertised `host:port`. */
  readonly target: string;
  /** Where the probe's own socket is. */
  readonly from: PeerAddress;
}

/** What the pod that got a probe saw. */
export interface ProbeAnswer {
  readonly nonce: string;
  /** Source address that the pod saw. */
  readonly seen: PeerAddress;
  /** Name of the pod. */
  readonly pod: string;
}

/** The request that goes to the advertised address. Outside a dialog, so that it may reach any pod, by a front too. */
export function probeRequest(probe: Probe, sealer: Sealer): SipRequest {
  const { nonce, transport, target, from } = probe;
  const user = `${USER_PREFIX}${sealer.seal('probe', Buffer.from(`ask ${nonce}`))}`;
  const uri = `sip:${user}@${target}`;
  const own = formatPeerAddress(from);
  const headers = new Headers();
  headers.append(
    'Via',
    `SIP/2.0/${transports[transport].viaName} ${own};branch=z9hG4bKprobe${nonce};rport`,
  );
  headers.append('Max-Forwards', '70');
  headers.append('From', `<sip:probe@${own}>;tag=${nonce}`);
  headers.append('To', `<${uri}>`);
  headers.append('Call-ID', `probe-${nonce}`);
  headers.append('CSeq', '1 OPTIONS');
  headers.append('Content-Length', '0');
  return new SipRequest('OPTIONS', uri, headers);
}

/** The answer to a probe of ours, or undefined where the request is none. */
export function answerProbe(
  request: SipRequest,
  facts: { readonly source: PeerAddress; readonly pod: string; readonly sealer: Sealer },
): SipResponse | undefined {
  const nonce = request.method === 'OPTIONS' ? nonceOf(request.uri, facts.sealer) : undefined;
  if (nonce === undefined) return undefined;
  const response = responseTo(request, 200, 'OK', { toTag: statelessTag(request) });
  const seen = `saw ${nonce} ${formatPeerAddress(facts.source)} ${facts.pod}`;
  response.headers.append(ANSWER_HEADER, facts.sealer.seal('probe', Buffer.from(seen)));
  return response;
}

/** What an answer says, or undefined where it is not a pod's of ours. */
export function readProbeAnswer(response: SipResponse, sealer: Sealer): ProbeAnswer | undefined {
  const text = response.headers.get(ANSWER_HEADER);
  const opened = text === undefined ? undefined : sealer.open('probe', text)?.toString();
  const [kind, nonce, source, pod] = opened?.split(' ') ?? [];
  const seen = parsePeerAddress(source ?? '');
  if (kind !== 'saw' || nonce === undefined || seen === undefined) return undefined;
  return { nonce, seen, pod: pod ?? '' };
}

function nonceOf(uri: string, sealer: Sealer): string | undefined {
  if (!uri.startsWith(`sip:${USER_PREFIX}`)) return undefined;
  const user = uri.slice('sip:'.length, Math.max(uri.indexOf('@'), 0));
  const opened = sealer.open('probe', user.slice(USER_PREFIX.length))?.toString() ?? '';
  return opened.startsWith('ask ') ? opened.slice(4) : undefined;
}
