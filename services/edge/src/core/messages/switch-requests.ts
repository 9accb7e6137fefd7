import { Headers, SipRequest, contact, cseq } from '@tandem/sip';
import type { SipResponse } from '@tandem/sip';
import type { LocalIdentity } from '../local-identity.ts';
import { PRODUCT } from '../local-identity.ts';
import { routeRequest } from './route-set.ts';

/** A BYE of the switch uses a number far above the caller's: gaps are legal (RFC 3261 §12.2.2, edge.md §2). */
const CSEQ_GAP = 1_000_000;

/**
 * A request of the switch in the dialog that a 2xx opened, towards the carrier: ACK, or BYE to get rid of it. Made from
 * the 2xx alone, which repeats all that the INVITE said of the dialog (RFC 3261 §8.2.6.2).
 */
export function requestInAnsweredDialog(
  method: 'ACK' | 'BYE',
  options: {
    readonly answer: SipResponse;
    readonly local: LocalIdentity;
    readonly branch: string;
    /** Where the answer has no Contact. */
    readonly fallbackTarget: string;
    readonly reason?: string | undefined;
  },
): SipRequest {
  const { answer, local } = options;
  const headers = new Headers();
  headers.append('Via', `SIP/2.0/UDP ${local.hostPort};branch=${options.branch};rport`);
  headers.append('Max-Forwards', '70');
  const target = contact(answer)?.uri ?? options.fallbackTarget;
  const { uri, routes } = routeRequest(target, answer.headers.list('Record-Route').reverse());
  for (const route of routes) headers.append('Route', route);
  for (const name of ['From', 'To', 'Call-ID']) {
    headers.append(name, answer.headers.get(name) ?? '');
  }
  const number = cseq(answer).number + (method === 'BYE' ? CSEQ_GAP : 0);
  headers.append('CSeq', `${String(number)} ${method}`);
  if (options.reason !== undefined) headers.append('Reason', options.reason);
  headers.append('User-Agent', PRODUCT);
  return new SipRequest(method, uri, headers);
}
