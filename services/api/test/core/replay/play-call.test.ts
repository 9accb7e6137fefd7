import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LinesInUse } from '../../../src/core/replay/lines-in-use.ts';
import { asItWas, playCall } from '../../../src/core/replay/play-call.ts';
import { claim, failedCall, pastCall, route } from './replay-fixture.ts';

const free = (): LinesInUse => new LinesInUse(true);

test('OPS-08 a call that was answered is answered by whichever gateway comes first, and charged by that', () => {
  const played = playCall(pastCall(0), route(['carrier-b 0.005', 'carrier-a 0.01']), free());
  assert.deepEqual(played, {
    kind: 'answered',
    reason: '',
    gateway: 'carrier-b',
    account: 'of-carrier-b',
    price: '0.02',
    currency: 'USD',
    cost: '0.005',
    costCurrency: 'USD',
    tried: ['carrier-b'],
  });
});

test('OPS-08 a gateway that failed with the call fails again, and the next one is asked', () => {
  const answered = pastCall(0, {
    attempts: [
      { gateway: 'carrier-x', account: '', isAnswered: false, lastedMs: 3000 },
      { gateway: 'carrier-a', account: '', isAnswered: true, lastedMs: 60_000 },
    ],
  });
  const lines = free();
  const played = playCall(answered, route(['carrier-x', 'carrier-c 0.001', 'carrier-a']), lines);
  assert.deepEqual([played.kind, played.gateway, played.tried], ['answered', 'carrier-c', ['carrier-x', 'carrier-c']]); // prettier-ignore
  assert.equal(lines.figures().get('routing-gateway:carrier-x')?.peak, 1);
  const limited = playCall(answered, route(['carrier-x', 'carrier-a'], { attemptLimit: 1 }), free()); // prettier-ignore
  assert.deepEqual([limited.kind, limited.reason], ['failed', 'AllGatewayBusy']);
});

test('OPS-08 a call that failed fails: where its last gateway is come to, or at one that was not asked then', () => {
  const call = failedCall(0, 'Busy', 'carrier-x', 'carrier-a');
  const same = playCall(call, route(['carrier-x', 'carrier-a', 'carrier-b']), free());
  assert.deepEqual([same.kind, same.reason, same.tried], ['failed', 'Busy', ['carrier-x', 'carrier-a']]); // prettier-ignore
  const other = playCall(call, route(['carrier-b']), free());
  assert.deepEqual([other.kind, other.reason, other.gateway, other.price], ['failed', 'Busy', 'carrier-b', '']); // prettier-ignore
});

test('OPS-08 a call that the switch refused then, and would send on now, is open', () => {
  const call = failedCall(0, 'NoRate');
  assert.equal(playCall(call, route(['carrier-b']), free()).kind, 'open');
  const refused = playCall(call, route([], { reason: 'NoRate' }), free());
  assert.deepEqual([refused.kind, refused.reason], ['refused', 'NoRate']);
  assert.deepEqual([asItWas(call).kind, asItWas(call).reason], ['refused', 'NoRate']);
});

test('OPS-08 ROUTE-05 limits of the draft refuse calls, or send them on, as calls are up', () => {
  const lines = free();
  const narrow = route(['carrier-a', 'carrier-b'], {
    fixed: [claim('account:demo', 2)],
    candidates: route(['carrier-a', 'carrier-b']).candidates.map((each, at) => ({
      ...each,
      claims: [claim(`routing-gateway:${each.gateway}`, at === 0 ? 1 : 0)],
    })),
  });
  const kinds = [0, 1, 2, 60, 61].map((seconds) => {
    const { gateway, reason } = playCall(pastCall(seconds), narrow, lines);
    return gateway || reason;
  });
  assert.deepEqual(kinds, [
    'carrier-a',
    'carrier-b',
    'LineLimitExceeded',
    'carrier-a',
    'carrier-b',
  ]);
  const rate = route(['carrier-a'], { fixed: [claim('account:demo', 1, true)] });
  const again = free();
  playCall(pastCall(0), rate, again);
  assert.equal(playCall(pastCall(0.999), rate, again).reason, 'CpsLimitExceeded');
  assert.equal(playCall(pastCall(1), rate, again).kind, 'answered');
  const full = route(['carrier-a'], { candidates: [{ ...narrow.candidates[0], gateway: 'carrier-a' } as never] }); // prettier-ignore
  const last = free();
  playCall(pastCall(0), full, last);
  const busy = playCall(pastCall(1), full, last);
  assert.deepEqual([busy.kind, busy.reason], ['refused', 'AllGatewayBusy']);
  assert.equal(last.figures().get('account:demo')?.peak, 1);
});
