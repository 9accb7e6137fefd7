import { requestRefusals } from '@tandem/domain';
import type { RequestRefusal } from '@tandem/domain';
import type { Registered, RegisteredContact, RegisterRefusal } from '@tandem/proto/registrar';
import { formatNameAddr, Params, responseTo } from '@tandem/sip';
import type { SipRequest, SipResponse } from '@tandem/sip';
import type { LocalName } from '../network/local-addresses.ts';
import { appendProduct } from './product.ts';
import { appendWarning } from './caller-response.ts';

/** Options that a client may require of the registrar, or is told of. */
export const registerOptions: readonly string[] = ['path', 'outbound'];

interface Answer {
  readonly toTag: string;
  readonly local: LocalName;
}

/**
 * The 200 of a REGISTER (RFC 3261 §10.3 step 8): the client's own URIs, whatever NAT stands before it. Clients do not refresh
 * a Contact that they have not written.
 */
export function registered(
  request: SipRequest,
  options: Answer & {
    readonly registered: Registered;
    readonly nowMs: number;
    /** RFC 5626 §6: its flow is kept. */
    readonly isOutbound: boolean;
  },
): SipResponse {
  const response = responseTo(request, 200, 'OK', { toTag: options.toTag });
  const { headers } = response;
  for (const contact of options.registered.contacts) {
    headers.append('Contact', contactOf(contact));
  }
  // RFC 3261 §10.3 step 8; RFC 3327 §5.3.
  headers.append('Date', new Date(options.nowMs).toUTCString());
  for (const path of request.headers.getAll('Path')) headers.append('Path', path);
  headers.append('Supported', registerOptions.join(', '));
  if (options.isOutbound) headers.append('Require', 'outbound');
  appendProduct(headers, 'Server', options.local.product);
  return response;
}

/** What a REGISTER is refused with. */
export function registerRefusal(
  request: SipRequest,
  { local, refused, toTag }: Answer & { readonly refused: RegisterRefusal },
): SipResponse {
  const row: RequestRefusal = requestRefusals[causeOf(refused.cause)];
  const response = responseTo(request, row.code, row.phrase, { toTag });
  const { headers } = response;
  appendWarning(headers, local, row.warning ?? refused.text);
  // RFC 3261 §10.2.8.
  if (refused.minExpires > 0) headers.append('Min-Expires', String(refused.minExpires));
  appendProduct(headers, 'Server', local.product);
  return response;
}

const causes = ['IntervalTooBrief', 'BindingsFull', 'OutOfOrder', 'ForeignRegistration'] as const;

function causeOf(name: string): (typeof causes)[number] | 'Malformed' {
  return causes.find((known) => known === name) ?? 'Malformed';
}

function contactOf({ uri, expires, instance, q, regId }: RegisteredContact): string {
  const params = new Params();
  params.set('expires', String(expires));
  if (q < 1000) params.set('q', String(q / 1000));
  if (instance !== '') params.setQuoted('+sip.instance', instance);
  if (regId > 0) params.set('reg-id', String(regId));
  return formatNameAddr({ uri, params });
}
