/** Where a phone is, as its REGISTER said and as it was heard (REG-02). Times are those of the store's clock. */
export interface Binding {
  readonly contact: string;
  readonly expiresMs: number;
  readonly registeredMs: number;
  readonly refreshedMs: number;
  /** 0 to 1000. */
  readonly q: number;
  readonly sipCallId: string;
  readonly cseq: number;
  /** Hash of the branch of the REGISTER that it stands by. */
  readonly request: number;
  /** `+sip.instance`; empty: none. */
  readonly instance: string;
  /** RFC 5626; 0: none. */
  readonly regId: number;
  readonly path: readonly string[];
  /** `ip:port`, `[v6]:port`. */
  readonly source: string;
  readonly transport: string;
  /** As in tandem.routing.v1.Target. */
  readonly flow: string;
  /** Advertised address of the listener, where that is not what its network is told. */
  readonly local: string;
  readonly userAgent: string;
  /** The pod that took the REGISTER. */
  readonly edge: string;
  readonly isBehindNat: boolean;
  /** Keep-alives in a row that had no answer (REG-04). */
  readonly missed: number;
  /** They were too many: it is called last. */
  readonly isUnreachable: boolean;
  /** When it last answered one, as far as it was noted; 0: never. */
  readonly answeredMs: number;
  /** How long that took. */
  readonly rttMs: number;
  /** How often of late a device has taken the place of another one, with this one the last (REG-10); 0: it has not. */
  readonly takeovers: number;
  /** When this one did. */
  readonly takenOverMs: number;
}

/**
 * How long a binding is kept past its expiry. SIP.js refreshes at 99 % of it, and its REGISTER may be lost once; a phone that
 * is called meanwhile is there.
 */
const GRACE_MS = 5000;

/** Whether calls go there (REG-01). */
export function isHeld({ expiresMs }: Pick<Binding, 'expiresMs'>, nowMs: number): boolean {
  return expiresMs + GRACE_MS > nowMs;
}

/** The time before which bindings that are dropped at `nowMs` expired. */
export function lapsedBefore(nowMs: number): number {
  return nowMs - GRACE_MS;
}

/** Whether its phone was to have refreshed it by now: clients do so at half of the time, at 90 % or at 99 %. */
export function isExpiring({ expiresMs, refreshedMs }: Binding, nowMs: number): boolean {
  return expiresMs - nowMs < (expiresMs - refreshedMs) / 10;
}

/** Whether the devices of a phone keep taking each other's place (REG-10): three times, each within ten minutes of the one before. */
export function isFlapping(bindings: readonly Binding[], nowMs: number): boolean {
  return recentTakeovers(bindings, nowMs) >= MANY_TAKEOVERS;
}

/** How often they have, one soon after the other. */
export function recentTakeovers(bindings: readonly Binding[], nowMs: number): number {
  return Math.max(0, ...bindings.map((binding) => takeoversOf(binding, nowMs).takeovers));
}

/** What is kept of it: after a time without one it is over. */
export function takeoversOf(
  { takenOverMs, takeovers }: Pick<Binding, 'takenOverMs' | 'takeovers'>,
  nowMs: number,
): Pick<Binding, 'takenOverMs' | 'takeovers'> {
  const isOfLate = nowMs - takenOverMs < FORGOTTEN_AFTER_MS;
  return isOfLate ? { takenOverMs, takeovers } : { takenOverMs: 0, takeovers: 0 };
}

/** From so many on it stands in the index of those that flap. */
export const MANY_TAKEOVERS = 3;
const FORGOTTEN_AFTER_MS = 10 * 60_000;

/** Its device: that of `+sip.instance` (RFC 5626 §4.1), else the contact by itself. */
export function deviceOf({ instance, contact }: Pick<Binding, 'instance' | 'contact'>): string {
  return instance === '' ? contact : instance;
}
