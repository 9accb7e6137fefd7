import type { Configuration, RoutingGateway } from '@tandem/config';

interface Found {
  readonly gateway: RoutingGateway;
  readonly prefix: string;
}

/**
 * Which gateways take a number, by looking at all of the document for each call: as plain as can be, and slow. What the tables
 * find must be the same (ROUTE-03, ROUTE-04).
 * @returns each as `name prefix`: in the order in which they are tried, and those that may not be
 */
export function referenceRoutes(document: Configuration, callee: string) {
  const found = document.routingGateways.flatMap((gateway) => {
    const [prefix] = longestFirst(gateway.prefixes.filter((each) => callee.startsWith(each)));
    return prefix === undefined ? [] : [{ gateway, prefix }];
  });
  const [longest = ''] = longestFirst(found.map(({ prefix }) => prefix));
  const isUsable = ({ gateway, prefix }: Found): boolean =>
    gateway.lock === 'none' && (gateway.prefixMode === 'extension' || prefix === longest);
  const routes = found
    .filter(isUsable)
    .sort(
      (a, b) =>
        b.prefix.length - a.prefix.length ||
        a.gateway.priority - b.gateway.priority ||
        compareCosts(costOf(document, a.gateway, callee), costOf(document, b.gateway, callee)) ||
        (a.gateway.name < b.gateway.name ? -1 : 1),
    );
  const leftOut = found.filter((each) => !isUsable(each));
  return { routes: routes.map(shown), leftOut: leftOut.map(shown).sort() };
}

function shown({ gateway, prefix }: Found): string {
  return `${gateway.name} ${prefix}`;
}

function longestFirst(prefixes: readonly string[]): string[] {
  return [...prefixes].sort((a, b) => b.length - a.length);
}

/** Price and fee in millionths; nothing where nobody is paid, infinite where it is not known what. */
function costOf({ accounts, rateGroups }: Configuration, gateway: RoutingGateway, callee: string) {
  const sheet = accounts.find(({ name }) => name === gateway.account)?.rateGroup;
  if (sheet === undefined) return [0, 0];
  const rates = rateGroups.find(({ name }) => name === sheet)?.rates ?? [];
  const [best] = rates
    .filter(({ prefix }) => callee.startsWith(prefix))
    .sort((a, b) => b.prefix.length - a.prefix.length);
  if (best === undefined) return [Infinity, Infinity];
  return [best.pricePerMinute, best.connectionFee].map((text) => Math.round(Number(text) * 1e6));
}

function compareCosts([price = 0, fee = 0]: number[], [other = 0, otherFee = 0]: number[]): number {
  return compare(price, other) || compare(fee, otherFee);
}

function compare(a: number, b: number): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
