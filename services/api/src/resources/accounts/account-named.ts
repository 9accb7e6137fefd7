import { didYouMean, type Account } from '@tandem/config';
import { fail } from '../../api/problem.ts';
import type { ConfigurationStore } from '../../ports.ts';

/** The account of the configuration in effect. @throws ProblemError 404 where there is none */
export async function accountNamed(store: ConfigurationStore, name: string): Promise<Account> {
  const accounts = (await store.current())?.configuration.accounts ?? [];
  const account = accounts.find((candidate) => candidate.name === name);
  if (account === undefined) {
    const hint = didYouMean(
      name,
      accounts.map((candidate) => candidate.name),
    );
    throw fail(404, 'no-such-account', `there is no account "${name}"${hint}`);
  }
  return account;
}
