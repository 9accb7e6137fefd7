import { checkConfiguration } from '../src/parse-configuration.ts';
import type { Mistake } from '../src/mistake.ts';

/** A small document that is right; each test changes what it needs. */
export function rightDocument(changes: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    rateGroups: [
      {
        name: 'standard',
        currency: 'USD',
        rates: [{ prefix: '44', pricePerMinute: '0.0123' }],
      },
    ],
    accounts: [
      { name: 'demo', rateGroup: 'standard' },
      { name: 'vendor-x', type: 'vendor' },
    ],
    phones: [{ username: '1001', password: 'tandem-demo', account: 'demo' }],
    gatewayGroups: [{ name: 'g1' }],
    routingGateways: [{ name: 'carrier-a', addresses: ['127.0.0.1:5070'], prefixes: ['44'] }],
    ...changes,
  };
}

/** All mistakes of a document as `path: message`. */
export function mistakesOf(document: unknown): string[] {
  const result = checkConfiguration(document);
  return result.kind === 'valid' ? [] : result.mistakes.map(asText);
}

function asText({ path, message }: Mistake): string {
  return `${path}: ${message}`;
}

/** A mapping gateway known by address blocks. */
export function trunk(name: string, ...addresses: readonly string[]) {
  return { name, account: 'demo', authentication: { mode: 'ip', addresses } };
}
