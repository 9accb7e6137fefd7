import type { Place } from '@tandem/sip-names';
import type { LocatedBinding } from '@tandem/proto/registrar';
import type { Target } from '@tandem/proto/routing';
import { isSipsUri, transportNamed } from '@tandem/sip';
import type { LeftOut, Route, Routes } from './candidates.ts';

/**
 * Those of a call to a sips URI: gateways that have a place over TLS, and who has registered, over TLS or wss, a sips Contact
 * (RFC 5630 §5.3). Of the others it is told how they are reached.
 */
export function secureRoutes(found: Routes): Routes {
  const routes: Route[] = [];
  const leftOut: LeftOut[] = [...found.leftOut];
  for (const route of found.routes) {
    const { gateway, prefix } = route;
    const bindings = route.bindings?.filter(isSecureBinding);
    const isReached =
      bindings?.length ?? gateway.places.flatMap(transportsOf).filter(isSecure).length;
    if (isReached > 0) routes.push({ ...route, bindings });
    else
      leftOut.push({
        gateway,
        prefix,
        barrier: { kind: 'gateway-not-secure', reached: reachedAs(route) },
      });
  }
  return { routes, leftOut };
}

/**
 * The targets of a call with its own scheme. To a sips URI those over TLS and wss alone are left; a call to a sip URI never
 * becomes one to a sips URI: a phone with a sips Contact is called with sip, by the transport that it registered over
 * (RFC 5630 §5.3).
 */
export function withScheme(targets: readonly Target[], isSips: boolean): Target[] {
  if (!isSips) {
    return targets.map((target) =>
      isSipsUri(target.uri) ? { ...target, uri: target.uri.replace(/^sips/i, 'sip') } : target,
    );
  }
  return targets
    .filter(({ transport }) => isSecure(transport))
    .map((target) => ({ ...target, uri: target.uri.replace(/^sip:/i, 'sips:') }));
}

function isSecure(transport: string): boolean {
  return transportNamed(transport)?.isSecure === true;
}

function isSecureBinding({ contact, target }: LocatedBinding): boolean {
  return isSipsUri(contact) && isSecure(target?.transport ?? '');
}

/** For people: "sip:1@192.0.2.7 over tls", or the transports of a gateway. */
function reachedAs({ bindings, gateway }: Route): string {
  const ways =
    bindings?.map(({ contact, target }) => `${contact} over ${target?.transport ?? 'udp'}`) ??
    gateway.places.flatMap(transportsOf);
  return [...new Set(ways)].join(', ');
}

function transportsOf(place: Place): readonly string[] {
  return place.kind === 'address'
    ? [place.transport]
    : (place.name.servers ?? []).map(({ transport }) => transport);
}
