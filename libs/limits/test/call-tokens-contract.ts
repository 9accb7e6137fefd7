import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { LimitClaim } from '../src/index.ts';
import { call, claim, perSecond } from './limits-contract.ts';
import type { LimitsUnderTest } from './limits-contract.ts';

const MINUTE = 60_000;

/** Limits of calls per second: what both adapters must do (ROUTE-15). */
export function callTokensContract({ name, open, wait }: LimitsUnderTest): void {
  const two = perSecond('account:a', 2);

  test(`ROUTE-15 ${name}: past the limit of a second a call is refused, and names those of the second; then there are tokens again`, async () => {
    const { lines } = await open();
    const ask = (callId: string) => lines.acquire(call(callId, [claim('account:a', 0), two], []));
    assert.equal((await ask('c1')).kind, 'taken');
    assert.equal((await ask('c2')).kind, 'taken');
    const refused = await ask('c3');
    assert.equal(refused.kind, 'full');
    const { holders, ...line } = refused.line;
    assert.deepEqual(line, { key: 'account:a', limit: 2, inUse: 2, per: 'second' });
    assert.deepEqual([...holders].sort(), ['c1', 'c2']);
    // It took no line, and those of the others are lines of calls, not of the second.
    assert.deepEqual(await lines.count(['account:a']), [2]);
    await wait(1001);
    assert.equal((await ask('c3')).kind, 'taken');
    assert.deepEqual(await lines.count(['account:a']), [3]);
  });

  test(`ROUTE-15 ${name}: a token is spent whether the call goes on or not, and a call that is asked for again has its own`, async () => {
    const { lines } = await open();
    const one = perSecond('account:a', 1);
    const ask = (callId: string) => lines.acquire(call(callId, [claim('account:a', 0), one], []));
    assert.equal((await ask('c1')).kind, 'taken');
    assert.equal((await ask('c1')).kind, 'taken');
    await lines.release('c1', ['account:a']);
    assert.equal((await ask('c2')).kind, 'full');
    assert.equal((await ask('c1')).kind, 'taken');
  });

  test(`ROUTE-15 ${name}: what is refused for lines spends no token`, async () => {
    const { lines } = await open();
    const choices = [[claim('routing-gateway:g', 1), perSecond('routing-gateway:g', 2)]];
    const sides = [perSecond('account:a', 3)];
    for (const callId of ['c1', 'c2', 'c3', 'c4'])
      await lines.acquire(call(callId, sides, choices));
    await lines.release('c1', ['routing-gateway:g']);
    assert.equal((await lines.acquire(call('c5', sides, choices))).kind, 'taken');
  });

  test(`ROUTE-15 ${name}: a gateway that has had its calls of the second is passed over, at the first choice and at a failover`, async () => {
    const { lines } = await open();
    const gateway = (key: string): LimitClaim[] => [claim(key, 0), perSecond(key, 1)];
    const choices = [gateway('routing-gateway:a'), gateway('routing-gateway:b')];
    const chosen = async (callId: string) => {
      const result = await lines.acquire(call(callId, [], choices));
      return result.kind === 'taken' ? result.choice : result.kind;
    };
    assert.deepEqual([await chosen('c1'), await chosen('c2'), await chosen('c3')], [0, 1, 'all-full']); // prettier-ignore
    const next = await lines.advance({
      callId: 'c1',
      keep: [],
      release: ['routing-gateway:a'],
      choices: [gateway('routing-gateway:b'), gateway('routing-gateway:c')],
      leaseMs: MINUTE,
    });
    assert.equal(next.kind === 'taken' && next.choice, 1);
    assert.deepEqual(next.skipped, [
      {
        choice: 0,
        line: { key: 'routing-gateway:b', limit: 1, inUse: 1, per: 'second', holders: ['c2'] },
      },
    ]);
    assert.deepEqual(await lines.count(['routing-gateway:a', 'routing-gateway:c']), [0, 1]);
    const looked = await lines.peek(call('', [], [gateway('routing-gateway:c')]));
    assert.equal(looked.kind, 'all-full');
  });
}
