import {
  RateSheet,
  foldInThread,
  readStoredSnapshot,
  sheetsInEffect,
  wholeVersion,
  withImportedRates,
} from '@tandem/config';
import type { SheetVersion, Snapshot } from '@tandem/config';
import type { Pool } from '@tandem/service';
import type { PreviewRates } from '../adapters/pg-rerating-preview.ts';
import type { CallSource } from '../core/rerating/preview.ts';
import type { AccountRates } from './rated-call.ts';
import type { Rerating } from '../rerating-ports.ts';

/** What a re-rating rates by: the groups that its version gives to its accounts, with sheets and imports. @throws where one is gone */
export async function previewRates(
  { pool, url }: { readonly pool: Pool; readonly url: string },
  { accounts, held, version }: Pick<Rerating, 'accounts' | 'held' | 'version'>,
  known: readonly SheetVersion[] | undefined,
): Promise<{ readonly rates: PreviewRates; readonly sheets: readonly SheetVersion[] }> {
  const whole = await wholeVersion(pool, version, 0);
  if (whole?.version !== version) await foldInThread({ url, version });
  const stored = await readStoredSnapshot(url, { version });
  const sheets = known ?? (await sheetsInEffect(pool, stored));
  const snapshot = await withImportedRates(pool, stored, { held, sheets });
  return { rates: ratesIn(snapshot, accounts), sheets };
}

/** Where the calls of some accounts are found, and their rates. */
export function ratesIn(
  { configuration, lists }: Pick<Snapshot, 'configuration' | 'lists'>,
  accounts: readonly string[],
): PreviewRates {
  const groups = new Map<string, NonNullable<AccountRates['group']>>();
  for (const { currency, name } of configuration.rateGroups) {
    const packed = lists.rates.get(name);
    if (packed !== undefined) groups.set(name, { name, currency, sheet: new RateSheet(packed) });
  }
  const named = new Map(configuration.accounts.map((account) => [account.name, account]));
  const own = accounts.flatMap((account): CallSource[] => {
    const gateways = configuration.routingGateways.filter((each) => each.account === account);
    // A call over a gateway whose vendor had no rate then has no vendor in its CDR.
    const unpaid = gateways.map((gateway) => ({ account, side: 'cost' as const, gateway: gateway.name })); // prettier-ignore
    return [{ account, side: 'call' }, { account, side: 'cost' }, ...unpaid];
  });
  // What an account owes for calls of those below it. Last, since a preview goes on by the places of its sources.
  const resold = accounts.map((account): CallSource => ({ account, side: 'level' }));
  return {
    sources: [...own, ...resold],
    ratesOf: (account) => ({ group: groups.get(named.get(account)?.rateGroup ?? '') }),
  };
}
