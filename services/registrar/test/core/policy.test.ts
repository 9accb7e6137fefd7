import assert from 'node:assert/strict';
import { test } from 'node:test';
import { configurationSchema } from '@tandem/config';
import { atOnce } from '@tandem/domain';
import { phonesInSteps } from '../../src/core/policy.ts';

test('ROUTE-13 ten thousand phones are taken in steps, in the order of their names and by account', () => {
  const accounts = ['a', 'b'];
  const phones = Array.from({ length: 10_000 }, (_, at) => ({
    username: String(20_000 - at),
    password: 'p',
    account: accounts[at % 2],
  }));
  const configuration = configurationSchema.parse({
    rateGroups: [{ name: 'standard', currency: 'USD', rates: [] }],
    accounts: accounts.map((name) => ({ name, rateGroup: 'standard' })),
    phones,
  });
  const steps = phonesInSteps(configuration, 1);
  assert.equal(steps.next().done, false);
  const made = atOnce(steps);
  assert.deepEqual(made.names, phones.map(({ username }) => username).toSorted());
  assert.deepEqual(
    [made.ofAccount.get('a')?.length, made.ofAccount.get('b')?.slice(0, 2)],
    [5000, ['10001', '10003']],
  );
});
