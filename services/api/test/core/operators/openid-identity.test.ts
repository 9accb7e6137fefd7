import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decideOpenId, type GroupRoles } from '../../../src/core/operators/openid-identity.ts';
import { operatorNamed } from '../../operators-under-test.ts';

const identity = {
  subject: 'sub-1',
  username: 'Alice',
  displayName: 'Alice A.',
  email: 'alice@example.com',
  groups: ['staff', 'noc'],
};
const groupRoles: GroupRoles = [
  { group: 'it', role: 'administrator' },
  { group: 'noc', role: 'operator' },
];
const createdAt = new Date(0);
const nobody = { groupRoles, namesake: undefined, createdAt };

test('OPS-12 without roles of groups those alone come in whose subject is written down', () => {
  const known = operatorNamed('alice', { role: 'billing', openIdSubject: 'sub-1' });
  const surroundings = { ...nobody, groupRoles: [] };
  assert.deepEqual(decideOpenId(identity, known, surroundings), {
    kind: 'known',
    operator: known,
    role: 'billing',
  });
  assert.deepEqual(decideOpenId(identity, undefined, surroundings), {
    kind: 'refused',
    why: 'no user has openIdSubject sub-1',
  });
});

test('OPS-12 with roles of groups the first that fits decides, and who is new is added', () => {
  const decision = decideOpenId(identity, undefined, nobody);
  assert.ok(decision.kind === 'new');
  const { name, openIdSubject, role } = decision.operator;
  assert.deepEqual([name, role, openIdSubject], ['alice', 'operator', 'sub-1']);
  const known = operatorNamed('al', { role: 'billing', openIdSubject: 'sub-1' });
  assert.deepEqual(decideOpenId(identity, known, nobody), {
    kind: 'known',
    operator: known,
    role: 'operator',
  });
});

test('OPS-12 a provider makes nobody of whom it should not', () => {
  const known = operatorNamed('al', { openIdSubject: 'sub-1' });
  const why = (decision: ReturnType<typeof decideOpenId>) =>
    decision.kind === 'refused' ? decision.why : '';
  assert.match(why(decideOpenId({ ...identity, groups: [] }, known, nobody)), /none of its groups/);
  assert.match(
    why(decideOpenId(identity, { ...known, isDisabled: true }, nobody)),
    /the operator is disabled/,
  );
  const namesake = operatorNamed('alice', { role: 'administrator' });
  assert.match(why(decideOpenId(identity, undefined, { ...nobody, namesake })), /another user/);
  for (const username of ['api', '', 'a b']) {
    assert.match(why(decideOpenId({ ...identity, username }, undefined, nobody)), /cannot be one/);
  }
});
