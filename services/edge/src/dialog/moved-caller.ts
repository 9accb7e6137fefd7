import { CallRecord } from '@tandem/proto/edge';
import type { Challenge, Origin } from '@tandem/proto/auth';
import { Decision } from '@tandem/proto/decision';
import type { SipRequest } from '@tandem/sip';
import { authenticateRequest } from '../core/call/authenticate-request.ts';
import { decodeToken, encodeToken, MOST_ADDRESSES } from '../core/dialog/dialog-token.ts';
import type { DialogToken } from '../core/dialog/dialog-token.ts';
import type { PeerAddress } from '../core/network/peer-address.ts';
import type { EdgeResources } from '../edge-resources.ts';

/** Who a request in a dialog is from that comes from where its caller was never heard. */
export type MoverVerdict =
  /** The caller, at another address: this is what its requests are led by from now on. */
  | { readonly kind: 'caller'; readonly token: DialogToken }
  | { readonly kind: 'challenged'; readonly challenge: Challenge }
  | { readonly kind: 'foreign' };

/** Neither has an answer that could say 401 or 407 (RFC 3261 §22.1). */
const unchallengeable = new Set(['ACK', 'CANCEL']);
const foreign = { kind: 'foreign' } as const;

/**
 * A caller that has proved itself by its password may do so again from anywhere: a phone whose NAT gave it another port and
 * address, or that has changed networks, goes on with its call (AUTH-01). Who is known by its address has no other proof.
 */
export class MovedCaller {
  readonly #edge: Pick<EdgeResources, 'auth' | 'network' | 'store'>;

  constructor(edge: Pick<EdgeResources, 'auth' | 'network' | 'store'>) {
    this.#edge = edge;
  }

  /** Rejects where auth or the store is away. */
  async ask(request: SipRequest, token: DialogToken, source: PeerAddress): Promise<MoverVerdict> {
    if (token.holder === 'b' || unchallengeable.has(request.method)) return foreign;
    const caller = await this.#callerBy(token.callId);
    if (caller === undefined) return foreign;
    const { auth, network } = this.#edge;
    const isSourceHidden = network?.isSourceHidden(source) ?? false;
    const asked = authenticateRequest(request, { source, traceParent: '', isSourceHidden });
    const { outcome } = await auth.authenticate(asked);
    if (outcome?.$case === 'challenge') return { kind: 'challenged', challenge: outcome.value };
    const isProved = asked.authorization.length + asked.proxyAuthorization.length > 0;
    if (outcome?.$case !== 'allow' || !isProved || !isSame(outcome.value, caller)) return foreign;
    await this.#know(token.callId, source);
    return { kind: 'caller', token: heardAt(token, source) };
  }

  /** Who called, where that was proved by a password. */
  async #callerBy(callId: string): Promise<Origin | undefined> {
    const { event, record } = (await this.#edge.store.get(callId)) ?? {};
    if (event !== undefined) return event.decisions.some(isPassword) ? event.origin : undefined;
    if (record === undefined) return undefined;
    const { decisions, origin } = CallRecord.decode(record);
    return decisions.some((bytes) => isPassword(Decision.decode(bytes))) ? origin : undefined;
  }

  /** The ACK that follows cannot be challenged: it is to be known by its address. */
  async #know(callId: string, source: PeerAddress): Promise<void> {
    const { store } = this.#edge;
    const bytes = (await store.tokens(callId))?.a;
    if (bytes === undefined || bytes.length === 0) return;
    await store.saveTokens(callId, { a: encodeToken(heardAt(decodeToken(bytes), source)) });
  }
}

function isPassword({ service, check, result }: Decision): boolean {
  return service === 'auth' && check === 'digest' && result === 'passed';
}

function isSame(one: Origin, other: Origin): boolean {
  return one.kind === other.kind && one.name === other.name;
}

/** Where it was heard last comes first: that much goes with every token. */
function heardAt(token: DialogToken, { address }: PeerAddress): DialogToken {
  const others = token.holderAddresses.filter((each) => each !== address);
  return { ...token, holderAddresses: [address, ...others].slice(0, MOST_ADDRESSES) };
}
