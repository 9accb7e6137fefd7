import { passingMedia } from '@tandem/config';
import { decided } from '@tandem/domain';
import type { DecisionRecord } from '@tandem/domain';
import type { LimitClaim } from '@tandem/limits';
import type { LocatedBinding } from '@tandem/proto/registrar';
import type { Candidate, Target } from '@tandem/proto/routing';
import { formatUri, numberUri, parseUri } from '@tandem/sip';
import { barrierOf } from './barrier.ts';
import { ofCaller, routeTo } from './candidates.ts';
import type { Calling, Route, Routes } from './candidates.ts';
import { gatewaySubject } from './gateway-subject.ts';
import type { Moment, Whereabouts } from './rests.ts';
import type { OriginEntry, RoutingTables } from './routing-tables.ts';

/** A called phone, or dynamic gateway, and where it is registered: nowhere where there is no binding. */
export interface CalledPhone extends Whereabouts {
  readonly username: string;
}

/** ROUTE-01: who is registered is called where he is, and nowhere else. */
export function routesOfCalled(
  tables: RoutingTables,
  { bindings, username }: CalledPhone,
  { calling, callee, ...at }: Moment & { readonly callee: string; readonly calling: Calling },
): Routes {
  const gateway = tables.routingGateways.get(username);
  if (gateway?.isDynamic !== true) {
    return { routes: [placeRoute(tables, username, bindings)], leftOut: [] };
  }
  const barrier = barrierOf(gateway, undefined, at) ?? ofCaller(gateway, calling);
  return barrier === undefined
    ? { routes: [routeTo(gateway, callee, at)], leftOut: [] }
    : { routes: [], leftOut: [{ gateway, prefix: username, barrier }] };
}

/** A phone, or a mapping gateway that is no routing gateway. */
function placeRoute(
  { mappingGateways, phoneCandidate, phones }: RoutingTables,
  username: string,
  bindings: CalledPhone['bindings'],
): Route {
  const called = phones.get(username) ?? mappingGateways.get(username);
  // Names of gateways have no blank: this one is none of theirs.
  const name = called?.subject ?? `phone ${username}`;
  return {
    gateway: {
      name,
      isLocked: false,
      isDynamic: true,
      needsRegistration: false,
      isOnlyForLongestPrefix: false,
      priority: 0,
      weight: 1,
      isProtected: false,
      account: undefined,
      lines: [],
      media: called?.media ?? passingMedia,
      stir: 'off',
      candidate: { ...phoneCandidate, gateway: name, dialog: dialogWith(phoneCandidate, called) },
      places: [],
      localAddress: '',
    },
    prefix: username,
    rate: undefined,
    bindings,
    isItself: true,
  };
}

/** CALL-12: it is told of callers what it may be told. */
function dialogWith({ dialog }: Candidate, called: OriginEntry | undefined): Candidate['dialog'] {
  const { terms = 0 } = called?.caller ?? {};
  return dialog === undefined || terms === 0 ? dialog : { ...dialog, identityB: terms };
}

/** ROUTE-05: the line of who is called, unless he calls himself: then his call has it already. A routing gateway has lines of its own. */
export function calledLines(
  { mappingGateways, phones, routingGateways }: RoutingTables,
  username: string,
  others: readonly LimitClaim[],
): readonly LimitClaim[] {
  if (routingGateways.get(username)?.isDynamic === true) return [];
  const line = (phones.get(username) ?? mappingGateways.get(username))?.line;
  return line === undefined || others.some(({ key }) => key === line.key) ? [] : [line];
}

/**
 * Where one that has registered is called: a phone at all of its devices, as they rank (REG-03); a gateway at one contact after the
 * other, for it is one peer, with the called number in place of the user of its contact, unless its own name was called.
 */
export function registeredTargets(
  { gateway, isItself }: Route,
  bindings: readonly LocatedBinding[],
  number: { readonly callee: string; readonly isPhone: boolean },
): Target[] {
  const targets = bindings.flatMap(({ target }) => target ?? []);
  if (gateway.name.startsWith('phone ')) return targets;
  return targets.map((target) => ({
    ...target,
    uri: isItself === true ? target.uri : uriOf(target.uri, number),
    device: undefined,
    rank: undefined,
  }));
}

/** The registrar has read the contact when it took it. */
function uriOf(
  contact: string,
  { callee, isPhone }: { readonly callee: string; readonly isPhone: boolean },
): string {
  const { host, params, port, scheme } = parseUri(contact);
  const { user } = parseUri(numberUri(callee, host));
  return `${formatUri({ scheme, user, host, port, params })}${isPhone && DIGITS.test(callee) ? ';user=phone' : ''}`;
}

const DIGITS = /^\+?\d+$/;

/** Where it is called, and how it was found. */
export function locatedDecision(
  { gateway }: Route,
  bindings: readonly LocatedBinding[],
  atMs: number,
): DecisionRecord {
  const facts = {
    bindings: bindings.length,
    contact: bindings.map(({ contact }) => contact).join(' '),
    source: bindings.map(({ source }) => source).join(' '),
    order: bindings.length > 1 ? orderOf(gateway.name, bindings) : undefined,
  };
  return decided('phone-located', { subject: gatewaySubject(gateway.name), facts, atMs });
}

/** REG-03, for people: "sip:1@a and sip:1@b at once, then sip:1@c or sip:1@d". */
function orderOf(name: string, bindings: readonly LocatedBinding[]): string {
  if (!name.startsWith('phone ')) return bindings.map(({ contact }) => contact).join(' or ');
  const ranks = Map.groupBy(bindings, ({ target }) => target?.rank ?? 0);
  return Array.from(ranks.values(), (ofRank) => {
    const devices = Map.groupBy(ofRank, ({ target }) => target?.device ?? 0);
    const ways = Array.from(devices.values(), (flows) =>
      flows.map(({ contact }) => contact).join(' or '),
    );
    return ways.length > 1 ? `${ways.join(' and ')} at once` : ways.join();
  }).join(', then ');
}
