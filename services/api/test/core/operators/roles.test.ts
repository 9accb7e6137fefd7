import assert from 'node:assert/strict';
import { test } from 'node:test';
import { accessOf, covers, isAllowed, rolesIn, roles } from '../../../src/core/operators/roles.ts';

test('OPS-12 what nobody has said of is nobody’s', () => {
  assert.equal(accessOf('shutDown'), undefined);
  assert.equal(accessOf('toString'), undefined);
  assert.equal(isAllowed([], ['administrator']), false);
  assert.equal(isAllowed(roles, []), false);
  assert.equal(isAllowed('signed-in', []), false);
  assert.equal(isAllowed('public', []), true);
});

test('OPS-12 rates are billing’s, gateways are operators’, accounts are both’s', () => {
  const changers = (title: string) => rolesIn(accessOf(`changeConfigured${title}`) ?? []);
  assert.equal(changers('RateGroup'), 'administrator or billing');
  assert.equal(changers('RoutingGateway'), 'administrator or operator');
  assert.equal(changers('Account'), 'administrator or operator or billing');
  assert.deepEqual(accessOf('listConfiguredRateGroups'), roles);
});

test('OPS-12 a token does what both its role and its user’s allow', () => {
  const rates = accessOf('changeConfiguredRateGroup') ?? [];
  assert.equal(isAllowed(rates, ['administrator']), true);
  assert.equal(isAllowed(rates, ['administrator', 'operator']), false);
});

test('OPS-12 nobody hands out a role that does more than his own', () => {
  const pairs = roles.flatMap((role) => roles.filter((other) => covers(role, other)).map((other) => `${role} ${other}`)); // prettier-ignore
  assert.deepEqual(pairs, [
    'administrator administrator',
    'administrator operator',
    'administrator billing',
    'administrator read-only',
    'operator operator',
    'operator read-only',
    'billing billing',
    'billing read-only',
    'read-only read-only',
  ]);
});
