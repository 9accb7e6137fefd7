import type { Rule } from './rules.ts';

/** What anybody would write first: gateways by prefix in a Map from text. */
export function textMap(rules: readonly Rule[]): Map<string, string[]> {
  const map = new Map<string, string[]>();
  for (const [prefix, gateway] of rules) {
    const known = map.get(prefix);
    if (known === undefined) map.set(prefix, [gateway]);
    else known.push(gateway);
  }
  return map;
}

/** Gateways of every prefix of the number, longest first. */
export function mapMatches(map: ReadonlyMap<string, string[]>, number: string): string[][] {
  const found: string[][] = [];
  for (let length = number.length; length >= 0; length--) {
    const gateways = map.get(number.slice(0, length));
    if (gateways !== undefined) found.push(gateways);
  }
  return found;
}
