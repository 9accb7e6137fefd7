import { Headers, SipRequest, contact, cseq } from '@tandem/sip';
import type { SipResponse } from '@tandem/sip';
import type { LocalIdentity } from '../local-identity.ts';
import { PRODUCT } from '../local-identity.ts';

/** A BYE of the switch uses a number far above the caller's: gaps are legal (RFC 3261 §12.2.2, edge.md §2). */
const CSEQ_GAP = 1_000_000;

/** A request of the switch inside the dialog that a 2xx opened, towards the carrier: ACK, or BYE to get rid of it. */
export function requestInAnsweredDialog(
  method: 'ACK' | 'BYE',
  options: {
    readonly invite: SipRequest;
    readonly answer: SipResponse;
    readonly local: LocalIdentity;
    readonly branch: string;
    readonly reason?: string | undefined;
  },
): SipRequest {
  const { invite, answer, local } = options;
  const headers = new Headers();
  headers.append('Via', `SIP/2.0/UDP ${local.hostPort};branch=${options.branch};rport`);
  headers.append('Max-Forwards', '70');
  for (const route of answer.headers.list('Record-Route').reverse()) headers.append('Route', route);
  copy(invite.headers, headers, ['From']);
  headers.append('To', answer.headers.get('To') ?? '');
  copy(invite.headers, headers, ['Call-ID']);
  const number = cseq(invite).number + (method === 'BYE' ? CSEQ_GAP : 0);
  headers.append('CSeq', `${String(number)} ${method}`);
  if (options.reason !== undefined) headers.append('Reason', options.reason);
  headers.append('User-Agent', PRODUCT);
  return new SipRequest(method, contact(answer)?.uri ?? invite.uri, headers);
}

function copy(source: Headers, target: Headers, names: readonly string[]): void {
  for (const name of names) target.append(name, source.get(name) ?? '');
}
