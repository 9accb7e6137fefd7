import { requestRefusals } from '@tandem/domain';
import type { RequestRefusal } from '@tandem/domain';
import type { Registered, RegisteredContact, RegisterRefusal } from '@tandem/proto/registrar';
import { cseq, formatNameAddr, Params, responseTo, to } from '@tandem/sip';
import type { SipRequest, SipResponse } from '@tandem/sip';
import type { Sealer } from '../marks/seal.ts';
import type { LocalName } from '../network/local-addresses.ts';
import { publicGruu, temporaryGruu } from './gruu.ts';
import { appendProduct } from './product.ts';
import { appendWarning } from './caller-response.ts';
import { supports } from './register-request.ts';

/** Options that a client may require of the registrar, or is told of. */
export const registerOptions: readonly string[] = ['path', 'outbound', 'gruu'];

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
    readonly sealer: Sealer;
  },
): SipResponse {
  const response = responseTo(request, 200, 'OK', { toTag: options.toTag });
  const { headers } = response;
  const isGruu = supports(request, 'gruu');
  for (const contact of options.registered.contacts) {
    const params = paramsOf(contact);
    if (isGruu && contact.session !== 0) nameDevice(params, contact, { request, ...options });
    headers.append('Contact', formatNameAddr({ uri: contact.uri, params }));
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

function paramsOf({ expires, instance, q, regId }: RegisteredContact): Params {
  const params = new Params();
  params.set('expires', String(expires));
  if (q < 1000) params.set('q', String(q / 1000));
  if (instance !== '') params.setQuoted('+sip.instance', instance);
  if (regId > 0) params.set('reg-id', String(regId));
  return params;
}

/** RFC 5627 §5.3. */
function nameDevice(
  params: Params,
  { instance, session, uri: contact }: RegisteredContact,
  { request, sealer }: { readonly request: SipRequest; readonly sealer: Sealer },
): void {
  const addressOfRecord = to(request).uri;
  const device = { addressOfRecord, contact, instance, session, cseq: cseq(request).number };
  params.setQuoted('pub-gruu', publicGruu(device));
  params.setQuoted('temp-gruu', temporaryGruu(device, sealer));
}
