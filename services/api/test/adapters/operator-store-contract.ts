import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import type { NewSession, OperatorStore } from '../../src/operator-ports.ts';
import { digest } from '../../src/sign-ins.ts';
import { operatorNamed } from '../operators-under-test.ts';

const NOON = Date.parse('2026-11-21T12:00:00Z');
const HOUR = 3_600_000;
const at = (ms: number): Date => new Date(NOON + ms);
const limits = { failures: 3, lockMs: HOUR, forgetMs: 24 * HOUR };

function sessionOf(id: string, operator: string, changes: Partial<NewSession> = {}): NewSession {
  return {
    id,
    operator,
    hash: digest(`secret ${id}`),
    csrfHash: digest(`csrf ${id}`),
    method: 'password',
    address: '192.0.2.1',
    userAgent: 'test',
    since: at(0),
    lastSeen: at(0),
    expiresAt: at(12 * HOUR),
    ...changes,
  };
}

/** What every store of operators does. */
export function operatorStoreContract(
  name: string,
  open: (context: TestContext) => Promise<OperatorStore>,
): void {
  const admin = operatorNamed('admin', { role: 'administrator' });

  test(`OPS-12 ${name}: operators are kept, each once, as is a subject of OpenID`, async (testing) => {
    const store = await open(testing);
    const alice = operatorNamed('alice', { openIdSubject: 'sub-1', password: '$argon2id$x' });
    assert.equal(await store.create(alice), true);
    assert.equal(await store.create(operatorNamed('alice')), false);
    assert.equal(await store.create(operatorNamed('bob', { openIdSubject: 'sub-1' })), false);
    assert.equal(await store.create(admin), true);
    assert.deepEqual(await store.get('alice'), alice);
    assert.equal(await store.get('Alice'), undefined);
    assert.deepEqual(await store.withOpenIdSubject('sub-1'), alice);
    assert.deepEqual((await store.list()).map((each) => each.name), ['admin', 'alice']); // prettier-ignore
    const changed = await store.change('alice', (before) => ({ ...before, role: 'billing' }));
    assert.ok(changed.kind === 'changed');
    assert.deepEqual([changed.before.role, changed.after.role], ['read-only', 'billing']);
    assert.equal((await store.get('alice'))?.role, 'billing');
    assert.deepEqual(await store.change('bob', (before) => before), { kind: 'no-such-operator' });
    assert.deepEqual(await store.change('alice', () => undefined), { kind: 'stale' });
    const taken = await store.change('admin', (one) => ({ ...one, openIdSubject: 'sub-1' }));
    assert.deepEqual(taken, { kind: 'taken' });
  });

  test(`OPS-12 ${name}: somebody stays who may administer, also where two go at once`, async (testing) => {
    const store = await open(testing);
    await store.create(admin);
    await store.create({ ...admin, name: 'other' });
    const disabled = await Promise.all(
      ['admin', 'other'].map((each) =>
        store.change(each, (before) => ({ ...before, isDisabled: true })),
      ),
    );
    assert.deepEqual(disabled.map(({ kind }) => kind).sort(), ['changed', 'last-administrator']);
    const [left] = (await store.list()).filter(({ isDisabled }) => !isDisabled);
    assert.ok(left);
    const removed = await store.remove(left.name, () => true);
    assert.deepEqual(removed, { kind: 'last-administrator' });
    const demoted = await store.change(left.name, (one) => ({ ...one, role: 'operator' }));
    assert.deepEqual(demoted, { kind: 'last-administrator' });
  });

  test(`OPS-12 ${name}: a session lasts until its end, or until nobody has used it for a time`, async (testing) => {
    const store = await open(testing);
    await store.create(admin);
    await store.begin(sessionOf('one', 'admin'));
    const found = await store.session(digest('secret one'), at(HOUR - 1), HOUR);
    assert.equal(found?.session.id, 'one');
    assert.equal(found.operator.name, 'admin');
    assert.deepEqual(found.csrfHash, digest('csrf one'));
    assert.equal('hash' in found.session, false);
    assert.deepEqual((await store.get('admin'))?.lastSignIn, at(0));
    assert.equal(await store.session(digest('secret two'), at(1), HOUR), undefined);
    assert.equal(await store.session(digest('secret one'), at(HOUR), HOUR), undefined);
    await store.touch('one', at(12 * HOUR - 1));
    assert.ok(await store.session(digest('secret one'), at(12 * HOUR - 1), HOUR));
    assert.equal(await store.session(digest('secret one'), at(12 * HOUR), HOUR), undefined);
  });

  test(`OPS-12 ${name}: who is disabled or gone has no session, token or link left`, async (testing) => {
    const store = await open(testing);
    await store.create(admin);
    await store.create(operatorNamed('alice'));
    const begin = async () => {
      await store.begin(sessionOf('one', 'alice'));
      await store.createToken({ id: 't', operator: 'alice', name: 'x', role: 'read-only', createdAt: at(0), expiresAt: at(HOUR), lastUsed: undefined }, digest('token')); // prettier-ignore
      await store.createLink({ hash: digest('link'), operator: 'alice', expiresAt: at(HOUR) });
    };
    const found = async () => [
      (await store.session(digest('secret one'), at(1), HOUR))?.session.id,
      (await store.token(digest('token'), at(1)))?.token.id,
    ];
    await begin();
    assert.deepEqual(await found(), ['one', 't']);
    await store.change('alice', (before) => ({ ...before, isDisabled: true }));
    assert.deepEqual(await found(), [undefined, undefined]);
    assert.equal(await store.takeLink(digest('link'), at(1)), undefined);
    await store.change('alice', (before) => ({ ...before, isDisabled: false }));
    assert.deepEqual(await found(), ['one', 't']);
    assert.equal((await store.remove('alice', () => false)).kind, 'stale');
    assert.equal((await store.remove('alice', () => true)).kind, 'changed');
    assert.deepEqual(await found(), [undefined, undefined]);
    assert.deepEqual(await store.tokens(), []);
    assert.equal((await store.remove('alice', () => true)).kind, 'no-such-operator');
  });

  test(`OPS-12 ${name}: sessions of an operator end, but for one; what has expired is swept`, async (testing) => {
    const store = await open(testing);
    await store.create(admin);
    await store.create(operatorNamed('alice'));
    for (const [id, operator] of [['a', 'admin'], ['b', 'alice'], ['c', 'alice']] as const) await store.begin(sessionOf(id, operator)); // prettier-ignore
    const ids = async () => (await store.sessions(at(1), HOUR)).map(({ id }) => id);
    assert.deepEqual(await ids(), ['a', 'b', 'c']);
    await store.endSessionsOf('alice', 'c');
    assert.deepEqual(await ids(), ['a', 'c']);
    await store.endSession('a');
    await store.sweep(at(1), HOUR);
    assert.deepEqual(await ids(), ['c']);
    await store.sweep(at(HOUR), HOUR);
    assert.deepEqual(await ids(), []);
  });

  test(`OPS-12 ${name}: a token lasts until its end, and says when it was used`, async (testing) => {
    const store = await open(testing);
    await store.create(admin);
    const token = { id: 't', operator: 'admin', name: 'backup', role: 'read-only', createdAt: at(0), expiresAt: at(HOUR), lastUsed: undefined } as const; // prettier-ignore
    await store.createToken(token, digest('secret'));
    await store.useToken('t', at(5));
    const found = await store.token(digest('secret'), at(HOUR - 1));
    assert.deepEqual(found?.token, { ...token, lastUsed: at(5) });
    assert.equal(found.operator.role, 'administrator');
    assert.equal(await store.token(digest('secret'), at(HOUR)), undefined);
    await store.revokeToken('t');
    assert.equal(await store.token(digest('secret'), at(1)), undefined);
  });

  test(`OPS-12 ${name}: a link is good once, and not for long`, async (testing) => {
    const store = await open(testing);
    await store.create(admin);
    await store.createLink({ hash: digest('one'), operator: 'admin', expiresAt: at(10) });
    await store.createLink({ hash: digest('two'), operator: 'admin', expiresAt: at(10) });
    const taken = await Promise.all([1, 2, 3].map(() => store.takeLink(digest('one'), at(9))));
    assert.deepEqual(taken.filter((each) => each !== undefined).map((each) => each.name), ['admin']); // prettier-ignore
    assert.equal(await store.takeLink(digest('two'), at(10)), undefined);
    assert.equal(await store.takeLink(digest('two'), at(9)), undefined);
  });

  test(`OPS-12 ${name}: many wrong sign-ins at once are counted each`, async (testing) => {
    const store = await open(testing);
    const subjects = [
      { subject: 'name alice', limits },
      { subject: 'address 192.0.2.1', limits: { ...limits, failures: 12 } },
    ];
    const attempts = await Promise.all(
      Array.from({ length: 10 }, () => store.countAttempt(subjects, at(0))),
    );
    assert.equal(attempts.filter((until) => until === undefined).length, 3);
    assert.deepEqual(attempts.find((until) => until !== undefined), at(HOUR)); // prettier-ignore
    assert.deepEqual(await store.lockedUntil('name alice', at(1)), at(HOUR));
    assert.equal(await store.lockedUntil('name alice', at(HOUR)), undefined);
    await store.forgetFailures(['name alice']);
    assert.equal(await store.lockedUntil('name alice', at(1)), undefined);
    // One was right: it counts no more, and the others do.
    await store.countAttempt(subjects.slice(1), at(2));
    await store.forgiveAttempt('address 192.0.2.1');
    await store.forgiveAttempt('address 192.0.2.9');
    // Two more of the address, then nobody from there.
    const others = [{ subject: 'name bob', limits: { ...limits, failures: 9 } }, ...subjects.slice(1)]; // prettier-ignore
    assert.equal(await store.countAttempt(others, at(2)), undefined);
    assert.equal(await store.countAttempt(others, at(2)), undefined);
    assert.deepEqual(await store.countAttempt(others, at(2)), at(HOUR + 2));
  });
}
