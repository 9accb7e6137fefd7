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
  { phoneCandidate }: RoutingTables,
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
      media: passingMedia,
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
  };
  return decided('phone-located', { subject: gateway.name, facts, atMs });
}
