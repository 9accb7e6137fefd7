import { requestRefusals } from '@tandem/domain';
import type { RequestRefusal, RequestRefusalReason } from '@tandem/domain';
import { Headers, SipResponse, vias } from '@tandem/sip';
import type { RelayedHop } from '../dialog/dialog-branch.ts';
import type { LocalName } from '../network/local-addresses.ts';
import { appendProduct } from './product.ts';
import { confirmSession, usualConfirmation } from '../dialog/session-timers.ts';
import { refreshesSession } from './dialog-request.ts';
import { appendWarning } from './caller-response.ts';
import { copyPassingHeaders } from './header-policy.ts';
import { passIdentity } from './identity.ts';
import { contactValue, sessionOfVia } from './local-headers.ts';

/** What a response is passed back with. */
export interface RelayedResponseParts {
  readonly response: SipResponse;
  readonly method: string;
  readonly hop: RelayedHop;
  readonly local: LocalName;
  /** What the body step has made of the response's. */
  readonly passedBody: Buffer;
  /** User part of our Contact, where a target refresh was accepted. */
  readonly contactToken?: string | undefined;
  /** What a challenge is told as. @default ForeignChallenge */
  readonly refusal?: RequestRefusalReason | undefined;
}

/** The response to a relayed request as the sender of the request gets it, made from the hop in our branch alone. */
export function relayedDialogResponse(options: RelayedResponseParts): SipResponse {
  const { hop, local, passedBody } = options;
  const { response, retryAfterSeconds } = ownOfSwitch(options.response, options.refusal);
  const headers = ofRequest(hop, options.method);
  if (options.contactToken !== undefined) {
    const form = hop.from === 'b' ? hop.terms.contactForm : 'user';
    const { isSips, source } = hop;
    const { transport } = source;
    headers.append('Contact', contactValue(local, options.contactToken, { transport, form, isSips })); // prettier-ignore
  }
  copyPassingHeaders(response.headers, headers, {
    // The hop is that of the request.
    name: hop.from === 'a' ? 'carrierResponse' : 'callerResponse',
    method: options.method,
    status: response.status,
    passedBody,
    relaysRefer: hop.terms.relaysRefer,
  });
  // CALL-12: who is there now; a refusal names nobody.
  if (response.status < 300) {
    passIdentity({ from: response.headers, to: headers }, sidesOf(hop, local));
  }
  if (refreshesSession(options.method) && response.status >= 200 && response.status < 300) {
    const said = sessionOfVia(vias(response)[1]);
    confirmSession(headers, said ?? usualConfirmation(hop.from, hop.terms));
  }
  if (retryAfterSeconds !== undefined) headers.append('Retry-After', String(retryAfterSeconds));
  appendProduct(headers, 'Server', local.product);
  return new SipResponse(response.status, response.reason, headers, passedBody);
}

/** The switch refuses a request that it has relayed, in the place of whoever has it: with what the hop in our branch says. */
export function dialogRefusal(
  reason: RequestRefusalReason,
  { hop, local, method }: Pick<RelayedResponseParts, 'hop' | 'local' | 'method'>,
): SipResponse {
  const { code, phrase, warning }: RequestRefusal = requestRefusals[reason];
  const headers = ofRequest(hop, method);
  if (warning !== undefined) appendWarning(headers, local, warning);
  appendProduct(headers, 'Server', local.product);
  return new SipResponse(code, phrase, headers);
}

/** What a response has of its request. */
function ofRequest(hop: RelayedHop, method: string): Headers {
  const headers = new Headers();
  for (const via of hop.vias) headers.append('Via', via);
  headers.append('From', hop.fromHeader);
  headers.append('To', hop.toHeader);
  headers.append('Call-ID', hop.callIdHeader);
  headers.append('CSeq', `${String(hop.cseqNumber)} ${method}`);
  return headers;
}

/** Who says who it is, and who is told: the response comes from the other side than the request (CALL-12). */
function sidesOf(
  { from, terms: { identityA, identityB } }: RelayedHop,
  local: LocalName,
): Parameters<typeof passIdentity>[1] {
  return from === 'a'
    ? { giver: identityB, taker: identityA, local, party: 'called' }
    : { giver: identityA, taker: identityB, local, party: 'calling' };
}

/** What a peer is told in place of a response that says nothing of the switch, and when it may ask again. */
interface OwnResponse {
  readonly response: SipResponse;
  readonly retryAfterSeconds?: number | undefined;
}

/**
 * A challenge of the other side is no challenge of ours: its realm stays where it is (CALL-01), and a 401 or 407
 * without one would be no proper answer (RFC 3261 §21.4.2, §21.4.8). A 503 of the other side says nothing of the switch,
 * which the peer would leave alone for it: it gets 500 (RFC 3261 §16.7 step 6).
 */
function ownOfSwitch(response: SipResponse, refusal?: RequestRefusalReason): OwnResponse {
  const usual = unpassable[response.status];
  if (usual === undefined) return { response };
  const told = usual === 'ForeignChallenge' ? (refusal ?? usual) : usual;
  const { code, phrase, retryAfterSeconds }: RequestRefusal = requestRefusals[told];
  const own = new SipResponse(code, phrase, withoutRetry(response.headers));
  return { response: own, retryAfterSeconds };
}

const unpassable: Readonly<Record<number, 'ForeignChallenge' | 'PeerUnavailable'>> = {
  401: 'ForeignChallenge',
  407: 'ForeignChallenge',
  503: 'PeerUnavailable',
};

function withoutRetry(headers: Headers): Headers {
  if (!headers.has('Retry-After')) return headers;
  const kept = headers.clone();
  kept.remove('Retry-After');
  return kept;
}
