import { to, transportOf, userOf } from '@tandem/sip';
import type { SipRequest } from '@tandem/sip';
import { TokenBuckets } from '../core/overload/token-buckets.ts';
import type { PeerAddress } from '../core/network/peer-address.ts';

/** Why a REGISTER is not looked at. */
export type RegisterShed = 'phone' | 'source' | 'load';

/** Of one user at one source: some clients answer one wrong password fifteen times at once, and ask as often before. */
const PHONE = { perSecond: 2, burst: 60, most: 50_000 };
/** Of one source: an office behind one address comes back as a whole. */
const SOURCE = { perSecond: 200, burst: 2000, most: 20_000 };
/** Those that auth and the registrar may have in hand at once; while calls are refused, these. */
const MOST_AT_ONCE = 500;
const MOST_BESIDE_CALLS = 25;

/** What of a REGISTER can be seen before anybody is asked. */
export interface Arrived {
  readonly request: SipRequest;
  readonly source: PeerAddress;
  /** Its address is that of a load balancer. */
  readonly isSourceHidden: boolean;
}

/** How the pod fares. */
export interface PodLoad {
  /** REGISTER requests that are being answered. */
  readonly underWay: number;
  /** It refuses calls. */
  readonly isRefusingCalls: boolean;
}

/**
 * Which REGISTER is refused before auth or a store hears of it (REG-07). Phones ask again, and each at a time of its own; calls cannot
 * wait, so that they go first. A client in a browser does not ask again: it is refused last.
 */
export class RegisterAdmission {
  readonly #phones = new TokenBuckets(PHONE.perSecond, PHONE.burst, PHONE.most);
  readonly #sources = new TokenBuckets(SOURCE.perSecond, SOURCE.burst, SOURCE.most);

  /** @returns undefined where it is taken */
  shed(arrived: Arrived, load: PodLoad, nowMs: number): RegisterShed | undefined {
    const { isSourceHidden, request, source } = arrived;
    const isBrowser = transportOf(source).unit === 'frame';
    const most = load.isRefusingCalls ? MOST_BESIDE_CALLS : MOST_AT_ONCE;
    if (load.underWay >= (isBrowser ? 2 * most : most)) return 'load';
    const { address } = source;
    if (!isSourceHidden && !this.#sources.take(address, nowMs)) return 'source';
    const user = userOf(to(request).uri);
    return this.#phones.take(`${user} ${address}`, nowMs) ? undefined : 'phone';
  }
}
