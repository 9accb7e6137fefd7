import type { StoredBinding } from '@tandem/proto/registrar';

/** Where a phone is, as its REGISTER said and as it was heard (REG-02). */
export type Binding = Readonly<StoredBinding>;

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

/** Its device: that of `+sip.instance` (RFC 5626 §4.1), else the contact by itself. */
export function deviceOf({ instance, contact }: Pick<Binding, 'instance' | 'contact'>): string {
  return instance === '' ? contact : instance;
}
