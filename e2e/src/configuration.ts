/** What the tests change of a configuration document; the rest of it stays as `configuration` wrote it. */
export interface ConfigurationDocument {
  parameters: Record<string, number | boolean | string>;
  rateGroups: Record<string, unknown>[];
  accounts: Record<string, unknown>[];
  phones: Record<string, unknown>[];
  mappingGateways: Record<string, unknown>[];
  gatewayGroups: Record<string, unknown>[];
  routingGateways: Record<string, unknown>[];
  numberLists?: Record<string, unknown>[];
}

/** The account of the examples, its phone and its password. */
export const demo = {
  account: 'demo',
  phone: '1001',
  password: 'tandem-demo',
  trunk: 'demo-trunk',
  trunkAddress: '127.0.0.2',
  openingBalance: '100',
  price: '0.0123',
} as const;

/** A configuration with account `demo`, its phone and trunk, and carriers `carrier-a` and `carrier-b`. */
export function configuration(carrierA: number, carrierB: number): ConfigurationDocument {
  return {
    parameters: {},
    rateGroups: [
      {
        name: 'standard',
        currency: 'USD',
        rates: [
          { prefix: '44', pricePerMinute: demo.price, firstIncrement: 60, nextIncrement: 60 },
        ],
      },
    ],
    accounts: [
      {
        name: demo.account,
        type: 'customer',
        status: 'active',
        openingBalance: demo.openingBalance,
        currency: 'USD',
        rateGroup: 'standard',
      },
    ],
    phones: [{ username: demo.phone, password: demo.password, account: demo.account }],
    mappingGateways: [
      {
        name: demo.trunk,
        account: demo.account,
        authentication: { mode: 'ip', addresses: [`${demo.trunkAddress}/32`] },
      },
    ],
    gatewayGroups: [],
    routingGateways: [carrier('carrier-a', carrierA, 1), carrier('carrier-b', carrierB, 2)],
  };
}

/** A routing gateway for prefix 44 on 127.0.0.1. */
export function carrier(name: string, port: number, priority: number): Record<string, unknown> {
  return { name, addresses: [`127.0.0.1:${String(port)}`], prefixes: ['44'], priority };
}
