import type { LineLedger } from './line-ledger.ts';
import type { LiveBalances } from './live-balances.ts';

/** Lines and balances over one store, since one script looks at both. */
export interface Limits {
  readonly lines: LineLedger;
  readonly balances: LiveBalances;
}
