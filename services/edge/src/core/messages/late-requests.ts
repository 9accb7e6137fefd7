import type { Candidate } from '@tandem/proto/routing';
import { Headers, SipRequest, cseq, to, topVia, transportOfVia } from '@tandem/sip';
import type { SipResponse } from '@tandem/sip';
import { formatPeerAddress } from '../network/peer-address.ts';
import type { PeerAddress } from '../network/peer-address.ts';
import { viaValue } from './local-headers.ts';

/**
 * ACK of a refusal, or CANCEL, for an INVITE of which nothing is left here but the carrier's response: it repeats all that
 * the INVITE said (RFC 3261 §8.2.6.2), and our To is the Request-URI of leg B (core/messages/carrier-invite.ts). The branch
 * must have been found to be ours before.
 * @param path Route of the INVITE, which no response repeats
 */
export function lateRequest(
  method: 'ACK' | 'CANCEL',
  response: SipResponse,
  path: readonly string[],
): SipRequest {
  const { branch = '', host, port = 5060, transport } = topVia(response);
  // RFC 3261 §9.1, §17.1.1.3: the Via of the INVITE, whichever of our addresses that named.
  const local = { host, hostPort: `${host}:${String(port)}` };
  const { uri } = to(response);
  const { headers: said } = response;
  const headers = new Headers();
  headers.append('Via', viaValue(local, branch, transportOfVia(transport)?.name));
  for (const route of path) headers.append('Route', route);
  headers.append('Max-Forwards', '70');
  headers.append('From', said.get('From') ?? '');
  // RFC 3261 §9.1: a CANCEL has the To of its INVITE; §17.1.1.3: the ACK that of the response.
  headers.append('To', method === 'CANCEL' ? `<${uri}>` : (said.get('To') ?? ''));
  headers.append('Call-ID', said.get('Call-ID') ?? '');
  headers.append('CSeq', `${String(cseq(response).number)} ${method}`);
  return new SipRequest(method, uri, headers);
}

/**
 * Route of the INVITE that a response answers (RFC 3327): the path of a phone behind proxies, whose Request-URI is in our To. Of
 * several ways to it the one that the response came by; none where the phone has none, or nothing is known of the call.
 */
export function pathOf(
  response: SipResponse,
  from: PeerAddress,
  candidates: readonly Candidate[],
): readonly string[] {
  const { uri } = to(response);
  const address = formatPeerAddress(from);
  const ways = candidates.flatMap(({ targets }) => targets.filter((each) => each.uri === uri));
  const way = ways.find(({ addresses }) => addresses.includes(address)) ?? ways[0];
  return way?.path ?? [];
}
