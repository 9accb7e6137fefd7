import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { startTestCluster } from '../src/cluster/test-cluster.ts';
import type { TestCluster } from '../src/cluster/test-cluster.ts';
import { runOverload } from '../src/flood/overload-run.ts';
import type { OverloadResult } from '../src/flood/overload-run.ts';
import { isSoak } from '../src/kill/trial-table.ts';
import { startConfiguredLoad } from '../src/load/configured-load.ts';
import type { Load } from '../src/load/start-load.ts';
import { layouts } from '../src/shape.ts';

/**
 * What is measured is a share of what the same machine did a moment ago, in the long form beside a flood of the same size that goes
 * elsewhere. The short one shares the cores with other tests: what these take while the capacity is looked for and while the flood
 * comes may differ by several times, so that it shows that those who are known get through at all.
 */
const size = isSoak
  ? { standing: 300, floodS: 30, stepS: 4, isBesideMeasured: true, leastShare: 0.8 }
  : { standing: 60, floodS: 8, stepS: 2, leastShare: 0.1 };
const rates = isSoak
  ? [60, 120, 180, 250, 330, 420, 520, 640, 800, 1000, 1300, 1600]
  : [120, 250, 420, 640, 1000, 1500];

// Minutes of a machine that is full: each shape in the long form alone.
for (const layout of isSoak ? layouts : layouts.slice(-1)) {
  describe(`ten times what it can take, ${layout}`, { timeout: 300_000 }, () => {
    let running: TestCluster | undefined;
    let load: Load | undefined;
    let result: OverloadResult | undefined;
    before(async () => {
      running = await startTestCluster({
        layout,
        pods: 1,
        mode: 'direct',
      });
      load = await startConfiguredLoad(running, { openingBalance: '10000' });
      result = await runOverload({ running, load, rates, ...size });
    });
    after(async () => {
      await load?.stop();
      await running?.stop();
    });

    test('CALL-11 DENY-19 every call in progress is kept, and can be hung up', async (t) => {
      assert.ok(result !== undefined && running !== undefined);
      const { capacity, floodPerSecond, answeredPerSecond, standing } = result;
      t.diagnostic(
        `capacity ${String(capacity)} calls/s; flood ${floodPerSecond.toFixed(0)} messages/s, ${answeredPerSecond.toFixed(0)} calls/s answered`,
      );
      assert.equal(standing.length, size.standing);
      const lost = standing.filter(({ caller, carriers, faults }) => {
        const isWhole = caller.answeredMs !== undefined && caller.endedMs !== undefined;
        const hasBye = caller.byeSentMs !== undefined || caller.byeReceivedMs !== undefined;
        return !isWhole || !hasBye || carriers.at(-1)?.endedMs === undefined || faults.length > 0;
      });
      assert.deepEqual(lost, []);
      const byCall = Map.groupBy(await running.api.cdrs(), ({ a }) => a?.sipCallId ?? '');
      for (const { caller } of standing) {
        assert.equal(byCall.get(caller.sipCallId)?.length, 1);
        assert.equal(byCall.get(caller.sipCallId)?.[0]?.code, 200);
      }
    });

    test('CALL-11 at ten times the capacity those who are known have most of it', () => {
      assert.ok(result !== undefined);
      const { answeredPerSecond, besideCapacity, capacity, floodPerSecond } = result;
      const share = answeredPerSecond / besideCapacity;
      assert.ok(floodPerSecond > capacity * 5, 'the flood was one');
      assert.ok(
        share >= size.leastShare,
        `${share.toFixed(2)} of ${String(besideCapacity)} calls/s`,
      );
    });

    test('DENY-19 whoever is refused is told a time that is not the same for all', () => {
      assert.ok(result !== undefined);
      const { answers, retryAfter } = result.flood;
      assert.ok((answers['503'] ?? 0) > 100, JSON.stringify(answers));
      const seconds = Object.keys(retryAfter).map(Number);
      assert.ok(seconds.length >= 4 && seconds.every((each) => each >= 5 && each <= 10));
    });

    test('CALL-11 five seconds after the flood every new call is answered', () => {
      assert.ok(result !== undefined);
      assert.equal(result.after.answered, result.after.placed);
    });

    test('DENY-19 BILL-03 a flood of strangers leaves hardly a CDR', async () => {
      assert.ok(running !== undefined);
      const cdrs = await running.api.cdrs();
      const strangers = cdrs.filter(({ origin }) => origin === null);
      assert.ok(strangers.every(({ reason }) => reason === 'IpNotAllowed'));
      // AUTH-14: whoever answers no challenge has twenty a minute of one source; the flood has eight, and lasts into a second minute at most.
      assert.ok(strangers.length <= 8 * 20 * 2, String(strangers.length));
    });
  });
}
