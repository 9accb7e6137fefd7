import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkConfiguration, PASSWORD_MASK, type Configuration } from '@tandem/config';
import {
  prepareVersion,
  type ApplyDecision,
  type ApplyRequest,
  type OpeningBalance,
} from '../../src/core/prepare-version.ts';

const seal = (password: string): string => `sealed:v1:${password}`;
const open = (sealed: string): string => sealed.slice('sealed:v1:'.length);

function documentOf(changes: Record<string, unknown> = {}): Configuration {
  const result = checkConfiguration({
    rateGroups: [
      { name: 'standard', currency: 'USD', rates: [{ prefix: '44', pricePerMinute: '1' }] },
    ],
    accounts: [{ name: 'demo', rateGroup: 'standard', openingBalance: '100' }],
    phones: [{ username: '1001', password: 'one', account: 'demo' }],
    routingGateways: [
      { name: 'a', addresses: ['192.0.2.1:1'], prefixes: ['44'], username: 'u', password: 'two' },
    ],
    ...changes,
  });
  assert.equal(result.kind, 'valid');
  return result.configuration;
}

function prepare(document: Configuration, more: Partial<ApplyRequest> = {}): ApplyDecision {
  return prepareVersion({ document, current: undefined, openings: new Map(), seal, open, ...more });
}

/** What is stored after the first document was applied. */
function stored(document = documentOf()): Pick<ApplyRequest, 'current' | 'openings'> {
  const first = prepare(document);
  assert.equal(first.kind, 'new');
  const openings = new Map<string, OpeningBalance>(
    first.openings.map((entry) => [entry.account, entry]),
  );
  return { current: { version: first.version, configuration: first.configuration }, openings };
}

test('OPS-01 the first document is version 1, with its passwords sealed and balances opened', () => {
  const decision = prepare(documentOf());
  assert.equal(decision.kind, 'new');
  assert.equal(decision.version, 1);
  assert.equal(decision.configuration.phones[0]?.password, 'sealed:v1:one');
  assert.deepEqual(decision.openings, [{ account: 'demo', amount: '100', currency: 'USD' }]);
  assert.deepEqual(
    decision.changes.map(({ subject, kind }) => `${kind} ${subject}`),
    [
      'added rate group standard',
      'added account demo',
      'added phone 1001',
      'added routing gateway a',
    ],
  );
});

test('OPS-01 an equal document is no new version', () => {
  assert.deepEqual(prepare(documentOf(), stored()), { kind: 'unchanged', version: 1 });
});

test('OPS-01 a document for another version than the one in effect is stale', () => {
  assert.deepEqual(prepare(documentOf(), { ...stored(), expectedVersion: 7 }), {
    kind: 'stale',
    version: 1,
  });
  assert.equal(prepare(documentOf(), { ...stored(), expectedVersion: 1 }).kind, 'unchanged');
  assert.equal(prepare(documentOf(), { expectedVersion: 0 }).kind, 'new');
});

test('AUTH-12 the mask keeps the stored password; another one is sealed anew', () => {
  const masked = { username: '1001', password: PASSWORD_MASK, account: 'demo' };
  assert.equal(prepare(documentOf({ phones: [masked] }), stored()).kind, 'unchanged');
  const changed = prepare(documentOf({ phones: [{ ...masked, password: 'new' }] }), stored());
  assert.equal(changed.kind, 'new');
  assert.equal(changed.configuration.phones[0]?.password, 'sealed:v1:new');
  assert.deepEqual(changed.changes, [
    { subject: 'phone 1001', kind: 'changed', fields: ['password'] },
  ]);
});

test('AUTH-12 a mask without stored password, and sealed text, are refused', () => {
  const phones = [
    { username: '1001', password: 'sealed:v1:one', account: 'demo' },
    { username: '1002', password: PASSWORD_MASK, account: 'demo' },
  ];
  assert.deepEqual(prepare(documentOf({ phones }), stored()), {
    kind: 'invalid',
    mistakes: [
      { path: 'phones[0].password', message: 'is sealed text: write the password itself' },
      {
        path: 'phones[1].password',
        message: 'is the mask, but no password of phone 1002 is stored: write the password',
      },
    ],
  });
});

test('BILL-01 another opening balance of an account that has one is refused: book a payment', () => {
  const accounts = [{ name: 'demo', rateGroup: 'standard', openingBalance: '150' }];
  const decision = prepare(documentOf({ accounts }), stored());
  assert.equal(decision.kind, 'invalid');
  assert.equal(decision.mistakes[0]?.path, 'accounts[0].openingBalance');
  assert.match(decision.mistakes[0].message, /was opened with 100: leave that and book a payment/);
});

test('BILL-01 the same amount written otherwise is the same opening balance', () => {
  const accounts = [{ name: 'demo', rateGroup: 'standard', openingBalance: '100.00' }];
  assert.equal(prepare(documentOf({ accounts }), stored()).kind, 'new');
});

test('BILL-01 an account that was removed keeps its opening balance and its currency', () => {
  const before = stored();
  const current = before.current;
  assert.ok(current);
  const without = {
    ...current,
    configuration: { ...current.configuration, accounts: [], phones: [] },
  };
  const rateGroups = [{ name: 'standard', currency: 'EUR' }];
  const accounts = [{ name: 'demo', rateGroup: 'standard', openingBalance: '5', currency: 'EUR' }];
  const decision = prepare(documentOf({ rateGroups, accounts }), { ...before, current: without });
  assert.equal(decision.kind, 'invalid');
  assert.deepEqual(
    decision.mistakes.map(({ path }) => path),
    ['accounts[0].openingBalance', 'accounts[0].currency'],
  );
});

test('OPS-01 changes are told field by field, lists by name', () => {
  const change = documentOf({
    realm: 'other',
    parameters: { SS_AUTHCHALLENGEMODE: 1 },
    rateGroups: [{ name: 'standard', currency: 'USD', rates: [] }],
    routingGateways: [{ name: 'b', addresses: ['192.0.2.1:1'], prefixes: ['44'] }],
    phones: [{ username: '1001', password: 'one', account: 'demo', realm: 'r', lineLimit: 2 }],
  });
  const decision = prepare(change, stored());
  assert.equal(decision.kind, 'new');
  assert.deepEqual(decision.changes, [
    { subject: 'parameter SS_AUTHCHALLENGEMODE', kind: 'added', fields: ['1'] },
    { subject: 'realm', kind: 'changed', fields: ['realm: tandem → other'] },
    { subject: 'rate group standard', kind: 'changed', fields: ['rates'] },
    {
      subject: 'phone 1001',
      kind: 'changed',
      fields: ['lineLimit: 0 → 2', 'realm: not set → r'],
    },
    { subject: 'routing gateway b', kind: 'added', fields: [] },
    { subject: 'routing gateway a', kind: 'removed', fields: [] },
  ]);
});

test('OPS-01 parameters that are changed or removed, and another order, are told', () => {
  const base = documentOf({ parameters: { SS_AUTHCHALLENGEMODE: 1, SS_GATEWAY_SWITCH_LIMIT: 2 } });
  const decision = prepare(documentOf({ parameters: { SS_AUTHCHALLENGEMODE: 2 } }), stored(base));
  assert.equal(decision.kind, 'new');
  assert.deepEqual(decision.changes, [
    { subject: 'parameter SS_AUTHCHALLENGEMODE', kind: 'changed', fields: ['value: 1 → 2'] },
    { subject: 'parameter SS_GATEWAY_SWITCH_LIMIT', kind: 'removed', fields: [] },
  ]);
  const phone = (username: string) => ({ username, password: 'x', account: 'demo' });
  const ordered = documentOf({ phones: [phone('1'), phone('2')] });
  const swapped = prepare(documentOf({ phones: [phone('2'), phone('1')] }), stored(ordered));
  assert.equal(swapped.kind, 'new');
  assert.deepEqual(
    swapped.changes.map(({ subject }) => subject),
    ['order of the entries'],
  );
});
