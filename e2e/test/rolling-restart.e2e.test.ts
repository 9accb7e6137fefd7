import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { startTestCluster } from '../src/cluster/test-cluster.ts';
import { everyKind, planCalls } from '../src/load/call-plan.ts';
import { startConfiguredLoad } from '../src/load/configured-load.ts';
import type { Load } from '../src/load/start-load.ts';
import { judgeSwitch, verdictText } from '../src/verdict/judge-switch.ts';

/** Calls a second: the product's promise is 100 on a machine of its own (`make soak`). */
const RATE = Number(process.env['TANDEM_E2E_ROLLING_RATE'] ?? '30');
const OPENING_BALANCE = '1000000';
/** Calls are placed in batches of so many seconds. */
const BATCH_S = 2;
/** edge.md §5: a draining edge exits within 20 s. */
const DRAIN_MS = 20_000;
const PAUSE_MS = 1500;

describe('rolling restart', { timeout: 240_000 }, () => {
  for (const [mode, layout] of [
    ['random', 'pod'],
    ['front', 'split'],
  ] as const) {
    test(`CALL-06 edges are stopped and started one after the other, and no call notices (${mode}, ${layout})`, async (t) => {
      const running = await startTestCluster({ layout, pods: 3, mode, isRespawning: false });
      t.after(() => running.stop());
      const load = await startConfiguredLoad(running, { openingBalance: OPENING_BALANCE });
      t.after(() => load.stop());
      const state = { isRolling: true };
      const placed = placeWhile(load, () => state.isRolling);
      for (const name of running.cluster.edges) {
        await pause();
        const startedAt = performance.now();
        assert.equal(await running.cluster.end(name, 'SIGTERM'), 0, name);
        const drainMs = Math.round(performance.now() - startedAt);
        assert.ok(drainMs < DRAIN_MS, `${name} drains within 20 s`);
        t.diagnostic(`${name} was drained within ${String(drainMs)} ms`);
        await running.cluster.startAgain(name);
      }
      await pause();
      state.isRolling = false;
      await placed;
      const report = await load.finish({ timeoutMs: 60_000 });
      const verdict = await judgeSwitch({
        report,
        api: running.api,
        openingBalance: OPENING_BALANCE,
      });
      assert.equal(verdictText(verdict), '');
      const repeated = report.calls.filter(({ worstRetransmission }) => worstRetransmission > 1);
      assert.deepEqual(
        repeated.map(({ plan }) => plan.number),
        [],
        'nothing was repeated more than once',
      );
    });
  }
});

/** Places calls without a break for as long as `isWanted`. */
async function placeWhile(load: Load, isWanted: () => boolean): Promise<void> {
  for (let batch = 10; isWanted(); batch++) {
    const count = RATE * BATCH_S;
    const plans = planCalls({ count, seed: batch, mix: everyKind, prefix: `44${String(batch)}` });
    await load.place(plans, { perSecond: RATE });
  }
}

function pause(): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, PAUSE_MS);
  });
}
