import type { CheckOutcome } from '@tandem/proto/health';

/** What is known of one address of a gateway (ROUTE-07). */
export interface AddressHealth {
  readonly transport: string;
  /** "ip:port" or "[v6]:port". */
  readonly address: string;
  /** Bits of the last checks, the latest lowest: 1 where it failed. */
  readonly failed: number;
  /** How many of these bits mean something. */
  readonly count: number;
  readonly isOffline: boolean;
  /** Since when it is on line, or off it; milliseconds since the epoch. */
  readonly sinceMs: number;
  readonly last: CheckOutcome;
  readonly lastMs: number;
}

/** What is known of a gateway: of each of its addresses that was checked last. */
export interface GatewayHealth {
  /** The pod that checked it last. */
  readonly edge: string;
  /** When that was, by the store's clock. */
  readonly checkedMs: number;
  readonly addresses: readonly AddressHealth[];
}

/** What an address is known by among those of its gateway. */
export function placeKey({
  address,
  transport,
}: Pick<AddressHealth, 'address' | 'transport'>): string {
  return `${transport} ${address}`;
}

/** None of the addresses that were checked answers. */
export function isOffline({ addresses }: GatewayHealth): boolean {
  return addresses.length > 0 && addresses.every((each) => each.isOffline);
}

/** Some address does not answer. */
export function isDegraded({ addresses }: GatewayHealth): boolean {
  return addresses.some((each) => each.isOffline);
}

/** What an address has said last, for people: "200 OK", "no answer within 3 s". */
export function lastText({ code, failure, reason }: CheckOutcome): string {
  return code === 0 ? failure : `${String(code)} ${reason}`.trimEnd();
}
