/** Gateways that serve one destination, on average. */
const GATEWAYS_A_CODE = 4;

/** A prefix, and a gateway that serves it. */
export type Rule = readonly [prefix: string, gateway: string];
/** Whole numbers from 0 up to below what is asked for. */
export type Random = (below: number) => number;

function price(pricePerMinute: string): unknown[] {
  return [{ prefix: '', pricePerMinute }];
}

/** Codes of 3 to 9 digits, as an A-to-Z price list has them, each sold by several gateways. */
export function rulesOf(random: Random, prefixes: number, gateways: number): Rule[] {
  const codes = new Set<string>();
  while (codes.size < Math.ceil(prefixes / GATEWAYS_A_CODE)) {
    codes.add(String(1 + random(9)) + digits(random, 2 + random(3) + random(5)));
  }
  const rules: Rule[] = [];
  for (const code of codes) {
    const first = random(gateways);
    for (let copy = 0; copy < GATEWAYS_A_CODE && rules.length < prefixes; copy++) {
      rules.push([code, `gateway-${String((first + copy * 37) % gateways)}`]);
    }
  }
  return rules;
}

/** The rules as a configuration document, with a hundred vendors that have a price each. @param rates of the customer */
export function documentOf(
  rules: readonly Rule[],
  gateways: number,
  rates: unknown[] = price('0.02'),
) {
  const byGateway = new Map<string, string[]>();
  for (const [prefix, gateway] of rules) {
    const prefixes = byGateway.get(gateway);
    if (prefixes === undefined) byGateway.set(gateway, [prefix]);
    else prefixes.push(prefix);
  }
  const vendors = Array.from({ length: 100 }, (_, index) => `vendor-${String(index)}`);
  return {
    rateGroups: [
      { name: 'standard', currency: 'USD', rates },
      ...vendors.map((name, index) => ({
        name,
        currency: 'USD',
        rates: price(`0.0${String(100 + index)}`),
      })),
    ],
    accounts: [
      { name: 'customer', rateGroup: 'standard' },
      ...vendors.map((name) => ({ name, type: 'vendor', rateGroup: name })),
    ],
    phones: [{ username: '1', password: 'x', account: 'customer' }],
    routingGateways: Array.from({ length: gateways }, (_, index) => ({
      name: `gateway-${String(index)}`,
      addresses: ['192.0.2.1'],
      prefixes: byGateway.get(`gateway-${String(index)}`) ?? ['0'],
      priority: index % 3,
      lineLimit: 100,
      account: vendors[index % vendors.length],
    })),
  };
}

export function digits(random: Random, count: number): string {
  let text = '';
  for (let index = 0; index < count; index++) text += String(random(10));
  return text;
}

/** The same rules in every run: xorshift. */
export function generator(seed: number): Random {
  let state = seed;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
}
