import { passingMedia } from '@tandem/config';
import { decided } from '@tandem/domain';
import type { DecisionRecord } from '@tandem/domain';
import type { LimitClaim } from '@tandem/limits';
import type { LocatedBinding } from '@tandem/proto/registrar';
import type { Route } from './candidates.ts';
import type { OriginEntry, RoutingTables } from './routing-tables.ts';

/** A called phone, and where it is registered: nowhere where there is no binding. */
export interface CalledPhone {
  readonly username: string;
  /** The one to be tried first before the others. */
  readonly bindings: readonly LocatedBinding[];
}

/** ROUTE-01: a registered phone is called where it is, and nowhere else. */
export function phoneRoute(
  { phoneCandidate, phones }: RoutingTables,
  { bindings, username }: CalledPhone,
): Route {
  // Names of gateways have no blank: this one is none of theirs.
  const name = `phone ${username}`;
  return {
    gateway: {
      name,
      isLocked: false,
      isOnlyForLongestPrefix: false,
      priority: 0,
      account: undefined,
      lines: [],
      media: phones.get(username)?.media ?? passingMedia,
      stir: 'off',
      candidate: { ...phoneCandidate, gateway: name },
      places: [],
      localAddress: '',
    },
    prefix: username,
    rate: undefined,
    bindings,
  };
}

/** ROUTE-05: the called phone's own line, unless it calls itself: then its call has it already. */
export function calledLines(
  phone: OriginEntry | undefined,
  others: readonly LimitClaim[],
): readonly LimitClaim[] {
  const isCounted = others.some(({ key }) => key === phone?.line.key);
  return phone === undefined || isCounted ? [] : [phone.line];
}

/** Where the phone is called, and how it was found. */
export function locatedDecision(
  { gateway }: Route,
  bindings: readonly LocatedBinding[],
  atMs: number,
): DecisionRecord {
  const facts = {
    bindings: bindings.length,
    contact: bindings.map(({ contact }) => contact).join(' '),
    source: bindings.map(({ source }) => source).join(' '),
    order: bindings.length > 1 ? orderOf(bindings) : undefined,
  };
  return decided('phone-located', { subject: gateway.name, facts, atMs });
}

/** REG-03, for people: "sip:1@a and sip:1@b at once, then sip:1@c or sip:1@d". */
function orderOf(bindings: readonly LocatedBinding[]): string {
  const ranks = Map.groupBy(bindings, ({ target }) => target?.rank ?? 0);
  return Array.from(ranks.values(), (ofRank) => {
    const devices = Map.groupBy(ofRank, ({ target }) => target?.device ?? 0);
    const ways = Array.from(devices.values(), (flows) =>
      flows.map(({ contact }) => contact).join(' or '),
    );
    return ways.length > 1 ? `${ways.join(' and ')} at once` : ways.join();
  }).join(', then ');
}
