import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { KillBench } from '../src/kill/kill-bench.ts';
import { runStepTrials, type StepResult } from '../src/kill/run-step-trials.ts';
import { longCalls, quickTimers, stepTrials } from '../src/kill/step-trials.ts';
import type { Verdict } from '../src/verdict/judge-switch.ts';
import { verdictText } from '../src/verdict/judge-switch.ts';

const LONG = '4499';

describe('a pod dies at a named step', { timeout: 300_000 }, () => {
  let bench: KillBench | undefined;
  let results: readonly StepResult[] = [];
  let verdict: Verdict | undefined;
  before(async () => {
    bench = await KillBench.start({
      hasFaults: true,
      configure: (document) => {
        Object.assign(document.parameters, quickTimers.parameters);
        for (const gateway of document.routingGateways) Object.assign(gateway, quickTimers.gateway);
      },
    });
    await bench.load.place(longCalls(LONG), { perSecond: 10 });
    results = await runStepTrials(bench, stepTrials);
    verdict = await bench.judge(await bench.finish(150_000));
  });
  after(async () => {
    await bench?.stop();
  });
  const faultsOf = (prefix: string): Verdict => {
    assert.ok(verdict !== undefined);
    const faultyCalls = verdict.faultyCalls.filter(({ number }) => number.startsWith(prefix));
    return { ...verdict, faultyCalls, faults: [] };
  };

  for (const [index, { line, step, then }] of stepTrials.entries()) {
    const name = then === undefined ? step : `${step}, and the adopter ${then}`;
    test(`edge.md §5: ${line} (${name}): every call goes on as its ends want it`, async () => {
      const result = results[index];
      assert.ok(result !== undefined && bench !== undefined);
      assert.ok(result.hasFired, `no pod passed ${step}`);
      const own = faultsOf(result.prefix);
      assert.equal(verdictText(own), '', await bench.evidence(own));
    });
  }

  test('CALL-05 sessions are refreshed, probed and ended through pods that die', async () => {
    const own = faultsOf(LONG);
    assert.equal(verdictText(own), '', await bench?.evidence(own));
  });

  test('edge.md §9: after a death at every step nothing is left: no line, no call, no event', () => {
    assert.ok(verdict !== undefined);
    assert.equal(verdictText({ ...verdict, faultyCalls: [] }), '');
    assert.equal(verdict.cdrs, verdict.calls);
  });
});
