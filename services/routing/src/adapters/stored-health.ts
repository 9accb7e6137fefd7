import { CheckOutcome, StoredHealth } from '@tandem/proto/health';
import type { GatewayHealth } from '../core/health/health.ts';

/** What is known of a gateway as bytes. */
export function encodeHealth({ addresses, ...rest }: GatewayHealth): Buffer {
  const message = { ...rest, addresses: [...addresses] };
  return Buffer.from(StoredHealth.encode(message).finish());
}

/** What a later version has added is left out. */
export function decodeHealth(bytes: Buffer): GatewayHealth {
  const { addresses, checkedMs, edge } = StoredHealth.decode(bytes);
  return {
    edge,
    checkedMs,
    addresses: addresses.map((each) => ({ ...each, last: each.last ?? CheckOutcome.create() })),
  };
}
