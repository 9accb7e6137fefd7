import type { CheckTerms } from './check-terms.ts';
import { isOffline, lastText, placeKey } from './health.ts';
import type { AddressHealth, GatewayHealth } from './health.ts';
import { failedOf } from './health-step.ts';

/** Something that has gone off line, or come back: a whole gateway, or one of its addresses. */
export interface HealthChange {
  readonly gateway: string;
  /** '': all of them. */
  readonly address: string;
  readonly isOffline: boolean;
  /** What was said last, by the address that decided. */
  readonly last: string;
  readonly failed: number;
  readonly of: number;
  /** For how long it was off line, seconds; 0 where it has gone. */
  readonly seconds: number;
}

/** What operators are to know of a check. */
export function changesOf(
  gateway: string,
  step: {
    readonly before: GatewayHealth | undefined;
    readonly after: GatewayHealth;
    readonly terms: CheckTerms;
  },
): readonly HealthChange[] {
  const { after, before, terms } = step;
  const known = new Map(before?.addresses.map((each) => [placeKey(each), each]));
  const wasOffline = before !== undefined && isOffline(before);
  const changed = after.addresses.filter(
    (each) => each.isOffline !== (known.get(placeKey(each))?.isOffline ?? false),
  );
  const changes = changed.map((each) =>
    changeOf(gateway, placeKey(each), { each, earlier: known.get(placeKey(each)), terms }),
  );
  const [decisive] = changed;
  if (isOffline(after) === wasOffline || decisive === undefined) return changes;
  const earlier = known.get(placeKey(decisive));
  const ofAll = changeOf(gateway, '', { each: decisive, earlier, terms });
  // Of its only address there is nothing to be told besides.
  return after.addresses.length === 1 ? [ofAll] : [...changes, ofAll];
}

function changeOf(
  gateway: string,
  address: string,
  about: {
    readonly each: AddressHealth;
    readonly earlier: AddressHealth | undefined;
    readonly terms: CheckTerms;
  },
): HealthChange {
  const { each, earlier, terms } = about;
  const isOff = each.isOffline;
  return {
    gateway,
    address,
    isOffline: isOff,
    last: lastText(each.last),
    ...failedOf(each, terms),
    seconds:
      isOff || earlier === undefined ? 0 : Math.round((each.sinceMs - earlier.sinceMs) / 1000),
  };
}
