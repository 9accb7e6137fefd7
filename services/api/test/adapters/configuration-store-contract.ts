import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { checkConfiguration, type Configuration } from '@tandem/config';
import { prepareVersion, type ApplyDecision } from '../../src/core/prepare-version.ts';
import type { ApplyContext, ConfigurationStore } from '../../src/ports.ts';

export function configurationOf(realm: string): Configuration {
  const result = checkConfiguration({
    realm,
    rateGroups: [{ name: 'standard', currency: 'USD' }],
    accounts: [{ name: 'demo', rateGroup: 'standard', openingBalance: '100' }],
  });
  assert.equal(result.kind, 'valid');
  return result.configuration;
}

export function applyTo(
  store: ConfigurationStore,
  document: Configuration,
  context: Partial<ApplyContext> = {},
): Promise<ApplyDecision> {
  return store.apply(
    (current, openings) =>
      prepareVersion({ document, current, openings, seal: (text) => text, open: (text) => text }),
    { appliedBy: 'test', note: '', isDryRun: false, ...context },
  );
}

/** What every store of versions must do. */
export function configurationStoreContract(
  name: string,
  open: (context: TestContext) => Promise<ConfigurationStore>,
): void {
  test(`OPS-01 ${name}: there is no version before the first`, async (context) => {
    const store = await open(context);
    assert.equal(await store.current(), undefined);
    assert.deepEqual(await store.list({ limit: 10 }), []);
    assert.equal(await store.get(1), undefined);
  });

  test(`OPS-01 ${name}: a new document is the next version, an equal one is none`, async (context) => {
    const store = await open(context);
    assert.equal((await applyTo(store, configurationOf('a'), { note: 'first' })).kind, 'new');
    assert.equal((await applyTo(store, configurationOf('a'))).kind, 'unchanged');
    assert.equal((await applyTo(store, configurationOf('b'))).kind, 'new');
    assert.equal((await store.current())?.version, 2);
    assert.deepEqual((await store.current())?.configuration, configurationOf('b'));
    const first = await store.get(1);
    assert.deepEqual([first?.appliedBy, first?.note], ['test', 'first']);
    assert.deepEqual(first?.configuration, configurationOf('a'));
    const versions = await store.list({ limit: 10 });
    assert.deepEqual(
      versions.map(({ version }) => version),
      [2, 1],
    );
    assert.deepEqual(
      (await store.list({ limit: 10, before: 2 })).map(({ version }) => version),
      [1],
    );
  });

  test(`OPS-01 ${name}: a dry run stores nothing`, async (context) => {
    const store = await open(context);
    const decision = await applyTo(store, configurationOf('a'), { isDryRun: true });
    assert.equal(decision.kind, 'new');
    assert.equal(await store.current(), undefined);
    const again = await applyTo(store, configurationOf('a'));
    assert.equal(again.kind === 'new' && again.openings.length, 1);
  });

  test(`OPS-01 ${name}: what removes too much is decided on what is in effect, and not stored`, async (context) => {
    const store = await open(context);
    await applyTo(store, configurationOf('a'));
    const empty = { ...configurationOf('a'), accounts: [], rateGroups: [] };
    const decisions = await Promise.all([applyTo(store, empty), applyTo(store, empty)]);
    assert.deepEqual(
      decisions.map(({ kind }) => kind),
      ['removes-too-much', 'removes-too-much'],
    );
    assert.equal((await store.current())?.version, 1);
  });

  test(`BILL-01 ${name}: an opening balance is known after its account was removed`, async (context) => {
    const store = await open(context);
    await applyTo(store, configurationOf('a'));
    await applyTo(store, { ...configurationOf('a'), accounts: [] });
    const other = configurationOf('a');
    const accounts = other.accounts.map((account) => ({ ...account, openingBalance: '1' }));
    assert.equal((await applyTo(store, { ...other, accounts })).kind, 'invalid');
    assert.equal((await applyTo(store, other)).kind, 'new');
  });

  test(`OPS-01 ${name}: documents that are applied at once come one after another`, async (context) => {
    const store = await open(context);
    const realms = Array.from({ length: 8 }, (_, index) => `realm-${String(index)}`);
    const decisions = await Promise.all(
      realms.map((realm) => applyTo(store, configurationOf(realm))),
    );
    const versions = decisions.map((decision) => (decision.kind === 'new' ? decision.version : 0));
    assert.deepEqual(
      versions.toSorted((a, b) => a - b),
      [1, 2, 3, 4, 5, 6, 7, 8],
    );
    const last = decisions.find((decision) => decision.kind === 'new' && decision.version === 8);
    assert.ok(last?.kind === 'new');
    assert.equal((await store.current())?.configuration.realm, last.configuration.realm);
  });

  test(`OPS-01 ${name}: a failure while deciding stores nothing`, async (context) => {
    const store = await open(context);
    const failing = async () =>
      store.apply(
        () => {
          throw new Error('broken');
        },
        { appliedBy: 'test', note: '', isDryRun: false },
      );
    await assert.rejects(failing);
    assert.equal(await store.current(), undefined);
    assert.equal((await applyTo(store, configurationOf('a'))).kind, 'new');
  });
}
