import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ConfigurationDocument } from '../src/configuration.ts';
import { numberOf } from '../src/kill/calls-in-every-state.ts';
import { onBench } from '../src/kill/trials.ts';
import { planOne } from '../src/load/call-plan.ts';
import { gatewayCredentials } from '../src/load/configured-load.ts';
import { until } from '../src/until.ts';

const PREFIX = '4477';
/** What the account has pays for so long of each. */
const LONGEST_S = 10;
const PRICE_PER_MINUTE = '60000';
const CALLS = 12;
/** Each reserves its part, and a slice is no longer than that: nothing is left for a second one. */
const ALL_THEY_COST = '120000';
/** After the end of a call is stored; and after its BYEs are sent, one of which is challenged. */
const STEPS = ['after-end', 'after-end-relay'];
/** A dead pod's lease, a sweep, and what a busy machine adds. */
const LATE_MS = 8000;

test('CALL-09 AUTH-11 pods that die while they cut calls off leave none of them up: both ends get BYE, a carrier that challenges too', async () => {
  await onBench(
    {
      cluster: { layout: 'pod' },
      hasFaults: true,
      configure: (document) => {
        addDearRate(document);
        document.parameters['SERVER_BALANCE_SLICE'] = LONGEST_S;
        for (const account of document.accounts) account['openingBalance'] = ALL_THEY_COST;
        for (const each of document.routingGateways) Object.assign(each, gatewayCredentials);
      },
    },
    async (bench) => {
      for (const step of STEPS) await bench.arm(step);
      const plans = Array.from({ length: CALLS }, (_, at) =>
        planOne({
          number: numberOf(PREFIX, at),
          ringMs: 100,
          hold: 'never',
          isByeChallenged: at % 2 === 0,
        }),
      );
      await bench.load.place(plans, { perSecond: 20 });
      await bench.untilUp(PREFIX, CALLS);
      await until(
        `pods die at ${STEPS.join(' and ')}`,
        () => STEPS.every((step) => bench.hasFired(step)),
        { timeoutMs: LONGEST_S * 1000 + LATE_MS },
      );
      const { calls, strayFaults } = await bench.finish();
      assert.deepEqual(strayFaults, []);
      for (const { plan, caller, carriers, faults } of calls) {
        assert.deepEqual(faults, [], plan.number);
        const answeredMs = caller.answeredMs ?? 0;
        for (const [end, heardMs = 0] of [
          ['caller', caller.byeReceivedMs],
          ['carrier', carriers.at(-1)?.byeReceivedMs],
        ] as const) {
          const afterMs = heardMs - answeredMs;
          const isInTime =
            afterMs >= LONGEST_S * 1000 - 500 && afterMs <= LONGEST_S * 1000 + LATE_MS;
          assert.ok(isInTime, `${plan.number}: BYE at the ${end} after ${String(afterMs)} ms`);
        }
      }
      const cdrs = await bench.cluster.api.cdrCount(CALLS);
      assert.deepEqual(
        cdrs.map(({ reason, billedSeconds }) => `${reason} ${String(billedSeconds)}`),
        Array.from({ length: CALLS }, () => `BalanceUsedUp ${String(LONGEST_S)}`),
      );
      assert.equal(await bench.cluster.api.linesHeld(), 0);
      await bench.untilOutboxEmpty(LATE_MS);
    },
  );
});

/** A prefix so dear that the account's money ends soon. */
function addDearRate(document: ConfigurationDocument): void {
  const dear = {
    prefix: PREFIX,
    pricePerMinute: PRICE_PER_MINUTE,
    firstIncrement: LONGEST_S,
    nextIncrement: LONGEST_S,
  };
  document.rateGroups = document.rateGroups.map((group) => ({
    ...group,
    rates: [...(group['rates'] as object[]), dear],
  }));
}
