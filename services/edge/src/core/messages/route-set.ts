/** Where a request in a dialog goes: its Request-URI and its Route headers. */
export interface RoutedRequest {
  readonly uri: string;
  readonly routes: readonly string[];
}

/**
 * RFC 3261 §12.2.1.1: with a loose first route the Request-URI is the remote target. A strict router wants to find
 * itself there, and the remote target as the last Route.
 */
export function routeRequest(target: string, routes: readonly string[]): RoutedRequest {
  const first = routes[0];
  const strict = first === undefined || isLoose(first) ? undefined : strictUri(first);
  return strict === undefined
    ? { uri: target, routes }
    : { uri: strict, routes: [...routes.slice(1), `<${target}>`] };
}

function isLoose(route: string): boolean {
  return /;\s*lr\s*(?:[;=>?]|$)/i.test(route);
}

/** The URI of a route without what a Request-URI must not have (RFC 3261 §19.1.1); undefined for what is no route. */
function strictUri(route: string): string | undefined {
  const uri = /<\s*(sips?:[^<>\s]+)\s*>/i.exec(route)?.[1];
  return uri?.replace(/\?.*$/, '').replace(/;method=[^;]*/i, '');
}
