import type { GatewayQualities } from './gateway-quality.ts';
import type { GatewayRests } from './gateway-rests.ts';
import type { GatewayThrottles } from './gateway-throttles.ts';
import type { LineLedger } from './line-ledger.ts';
import type { LiveBalances } from './live-balances.ts';
import type { PoolTurns } from './pool-turns.ts';

/** Lines and balances over one store, since one script looks at both; gateways that are left alone for a time, how they do, and which are throttled; turns of pools. */
export interface Limits {
  readonly lines: LineLedger;
  readonly balances: LiveBalances;
  readonly rests: GatewayRests;
  readonly turns: PoolTurns;
  readonly qualities: GatewayQualities;
  readonly throttles: GatewayThrottles;
}
