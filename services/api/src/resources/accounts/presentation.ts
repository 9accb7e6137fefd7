import type { Account } from '@tandem/config';
import type { Balance } from '@tandem/proto/billing';
import type { AccountView } from './schemas.ts';

export function presentAccount(account: Account, balance: Balance | undefined): AccountView {
  return {
    name: account.name,
    type: account.type,
    status: account.status,
    balance: balance?.balance ?? null,
    overdraft: account.overdraft,
    minimumBalance: account.minimumBalance ?? null,
    billing: account.billing,
    currency: account.currency,
    rateGroup: account.rateGroup ?? null,
    validUntil: account.validUntil ?? null,
    parent: account.parent ?? null,
    timeZone: account.timeZone ?? null,
    lineLimit: account.lineLimit,
    callsPerSecond: account.callsPerSecond,
    ledgerEntries: balance?.ledgerEntries ?? 0,
  };
}
