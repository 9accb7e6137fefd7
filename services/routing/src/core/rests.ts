import type { LocatedBinding } from '@tandem/proto/registrar';
import type { KnownHealth } from './health/offline-places.ts';
import type { LiveQuality } from './live-quality.ts';
import type { VendorFunds } from './rules/vendor-funds.ts';
import type { Throttles } from './throttle/throttles.ts';

/** What is known of a gateway that is left alone for a time (ROUTE-06). */
export interface Rest {
  /** What the carrier asked for with its 503, or the limit where that is less. */
  readonly seconds: number;
  /** By this pod's clock, milliseconds since the epoch. */
  readonly untilMs: number;
  /** The call that was refused. */
  readonly callId: string;
}

/** By gateway; mostly empty. */
export type Rests = ReadonlyMap<string, Rest>;

/** Where a dynamic gateway is (ROUTE-02); nowhere where there is no binding. */
export interface Whereabouts {
  readonly bindings: readonly LocatedBinding[];
  /** Since when it is not registered, milliseconds since the epoch; 0: it never was, as far as is known. */
  readonly goneMs: number;
  /** Why that is not known; undefined where it is. */
  readonly fault?: string | undefined;
}

/** A carrier that does not have our registration (REG-08). */
export interface Unregistered {
  readonly state: string;
  readonly sinceMs: number;
  /** What the last attempt came to; '': there was none. */
  readonly last: string;
}

/** When a question is asked, and what is known of gateways at that time. */
export interface Moment {
  readonly nowMs: number;
  /** @default none rests */
  readonly rests?: Rests | undefined;
  /** Dynamic gateways by name. @default none was looked for: none is registered */
  readonly whereabouts?: ReadonlyMap<string, Whereabouts> | undefined;
  /** What is left at vendors (ROUTE-09). @default nobody asks */
  readonly vendorFunds?: VendorFunds | undefined;
  /** By gateway. @default all have our registration, or nobody knows */
  readonly unregistered?: ReadonlyMap<string, Unregistered> | undefined;
  /** ROUTE-07: gateways some address of which is off line. @default all are on line, or nobody knows */
  readonly health?: KnownHealth | undefined;
  /** ROUTE-04: how gateways do of late. @default nobody knows */
  readonly quality?: LiveQuality | undefined;
  /** ROUTE-16: gateways that get fewer calls. @default none, or nobody knows */
  readonly throttles?: Throttles | undefined;
}

/** The rest of a gateway, where it has not ended. */
export function restOf(gateway: string, { nowMs, rests }: Moment): Rest | undefined {
  const rest = rests?.get(gateway);
  return rest !== undefined && rest.untilMs > nowMs ? rest : undefined;
}
