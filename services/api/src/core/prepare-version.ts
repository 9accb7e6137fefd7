import { isDeepStrictEqual } from 'node:util';
import {
  configurationSchema,
  isSealed,
  mapPasswords,
  PASSWORD_MASK,
  type Configuration,
  type Mistake,
} from '@tandem/config';
import { parseMoney } from '@tandem/domain';
import { changesBetween, type Change } from './changes.ts';
import { checkRemovals, type RemovalCheck } from './removals.ts';

/** What an account began with; it outlives the account in the configuration. */
export interface OpeningBalance {
  readonly account: string;
  readonly amount: string;
  readonly currency: string;
}

/** The configuration in effect, passwords sealed. */
export interface StoredConfiguration {
  readonly version: number;
  readonly configuration: Configuration;
}

/** All that decides about a document that is to be applied. */
export interface ApplyRequest {
  /** Checked, passwords as written. */
  readonly document: Configuration;
  /** Whether what it has in common with the current one is sealed in it, too. @default no */
  readonly isChangeOfCurrent?: boolean | undefined;
  readonly current: StoredConfiguration | undefined;
  readonly openings: ReadonlyMap<string, OpeningBalance>;
  /** Apply only where this version is in effect. */
  readonly expectedVersion?: number | undefined;
  /** How many entries may be removed; undefined where nothing was said. */
  readonly allowRemoval?: number | undefined;
  readonly seal: (password: string) => string;
  readonly open: (sealed: string) => string;
}

/** What applying a document would store. */
export interface NewVersion {
  /** `removes-too-much`: not to be stored without permission. */
  readonly kind: 'new' | 'removes-too-much';
  readonly version: number;
  /** Passwords sealed. */
  readonly configuration: Configuration;
  readonly changes: readonly Change[];
  readonly removal: RemovalCheck;
  /** Of accounts that are here for the first time. */
  readonly openings: readonly OpeningBalance[];
}

export type ApplyDecision =
  | { readonly kind: 'unchanged'; readonly version: number }
  | { readonly kind: 'stale'; readonly version: number }
  | { readonly kind: 'invalid'; readonly mistakes: readonly Mistake[] }
  | NewVersion;

/** Before the first version: nothing but defaults. */
export const EMPTY: Configuration = configurationSchema.parse({});

/** Decides what applying a document would store. An equal document makes no new version. */
export function prepareVersion(request: ApplyRequest): ApplyDecision {
  const { current, document, expectedVersion } = request;
  const version = current?.version ?? 0;
  if (expectedVersion !== undefined && expectedVersion !== version) {
    return { kind: 'stale', version };
  }
  const mistakes: Mistake[] = checkOpenings(document, request.openings);
  const configuration = sealAgain(request, mistakes);
  if (mistakes.length > 0) return { kind: 'invalid', mistakes };
  if (current !== undefined && isDeepStrictEqual(current.configuration, configuration)) {
    return { kind: 'unchanged', version };
  }
  const before = current?.configuration ?? EMPTY;
  const removal = checkRemovals(before, configuration, request.allowRemoval);
  return {
    kind: removal.isAllowed ? 'new' : 'removes-too-much',
    version: version + 1,
    configuration,
    changes: changesBetween(before, configuration),
    removal,
    openings: document.accounts
      .filter(({ name }) => !request.openings.has(name))
      .map(({ name, openingBalance, currency }) => ({
        account: name,
        amount: openingBalance,
        currency,
      })),
  };
}

/** A balance is opened once: afterwards the ledger alone changes it (BILL-01). */
function checkOpenings(
  document: Configuration,
  openings: ReadonlyMap<string, OpeningBalance>,
): Mistake[] {
  return document.accounts.flatMap((account, index) => {
    const opened = openings.get(account.name);
    if (opened === undefined) return [];
    const path = `accounts[${String(index)}]`;
    const mistakes: Mistake[] = [];
    if (parseMoney(opened.amount) !== parseMoney(account.openingBalance)) {
      mistakes.push({
        path: `${path}.openingBalance`,
        message: `is ${account.openingBalance}, but account "${account.name}" was opened with ${opened.amount}: leave that and book a payment of the difference`,
      });
    }
    if (opened.currency !== account.currency) {
      mistakes.push({
        path: `${path}.currency`,
        message: `is ${account.currency}, but the ledger of account "${account.name}" is in ${opened.currency}: open another account`,
      });
    }
    return mistakes;
  });
}

/** An unchanged password keeps its sealed text: sealing anew would look like a change. */
function sealAgain(request: ApplyRequest, mistakes: Mistake[]): Configuration {
  const stored = new Map<string, string>();
  if (request.current !== undefined) {
    mapPasswords(request.current.configuration, (sealed, owner) => {
      stored.set(owner, sealed);
      return sealed;
    });
  }
  return mapPasswords(request.document, (password, owner, path) => {
    const kept = stored.get(owner);
    if (request.isChangeOfCurrent === true && password === kept) return kept;
    if (password === PASSWORD_MASK && kept !== undefined) return kept;
    if (password === PASSWORD_MASK) {
      mistakes.push({
        path,
        message: `is the mask, but no password of ${owner} is stored: write the password`,
      });
      return password;
    }
    if (isSealed(password)) {
      mistakes.push({ path, message: 'is sealed text: write the password itself' });
      return password;
    }
    return kept !== undefined && request.open(kept) === password ? kept : request.seal(password);
  });
}
