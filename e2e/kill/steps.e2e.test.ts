import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { longCalls, quickTimers } from '../src/kill/calls-in-every-state.ts';
import { KillBench } from '../src/kill/kill-bench.ts';
import { runStepTrials, type StepResult } from '../src/kill/run-step-trials.ts';
import { nameOf, prefixOf, stepTrialsIn } from '../src/kill/step-trials.ts';
import { isSoak, runs } from '../src/kill/trial-table.ts';
import { allAtOnce, falseDeaths, serviceAway } from '../src/kill/trials.ts';
import { layoutOfRun, layouts } from '../src/shape.ts';
import { until } from '../src/until.ts';
import { type Verdict, verdictText } from '../src/verdict/judge-switch.ts';

const LONG_MS = 150_000;
const ENDED_MS = 120_000;
// Numbers of the trials begin with these; those of the steps with 44100 and so on.
const long = '4499';
const paused = '4450';
const withoutAuth = '4451';
const withoutRouting = '4452';
const together = '4453';

/** Calls whose ends have vanished are ended by a probe or by the session's expiry (CALL-05); their lines are free from then on. */
async function untilEnded({ cluster }: KillBench): Promise<void> {
  await until('no call is in progress', async () => (await cluster.api.callsInProgress()) === 0, {
    timeoutMs: ENDED_MS,
    everyMs: 500,
  });
}

// In the long form the runs take turns.
const rounds = isSoak
  ? Array.from({ length: runs }, (_, at) => ({ run: at + 1, layout: layoutOfRun(at + 1, 'split') }))
  : layouts.map((layout) => ({ run: 1, layout }));

// Both shapes wait for most of the time, so that they are tried at once; in the long form each has the machine.
const options = { concurrency: isSoak ? 1 : layouts.length, timeout: 3_600_000 };
describe('pods die at named steps', options, () => {
  for (const { run, layout } of rounds) {
    const stepTrials = stepTrialsIn(layout);
    describe(
      `a pod dies at a named step, ${layout}, run ${String(run)}`,
      { timeout: isSoak ? 1_200_000 : 400_000 },
      () => {
        let bench: KillBench | undefined;
        let results: readonly StepResult[] = [];
        let verdict: Verdict | undefined;
        let leftAtRelays: readonly string[] | undefined;
        before(async () => {
          bench = await KillBench.start({
            cluster: { layout },
            hasFaults: true,
            specialPrefixes: stepTrials.map((_, index) => prefixOf(index)),
            configure: (document) => {
              Object.assign(document.parameters, quickTimers.parameters);
              for (const each of document.routingGateways) Object.assign(each, quickTimers.gateway);
            },
          });
          await bench.load.place(longCalls(long), { perSecond: 10 });
          results = await runStepTrials(bench, stepTrials);
          await falseDeaths(bench, paused);
          if (layout === 'split') {
            await serviceAway(bench, 'auth', withoutAuth);
            await serviceAway(bench, 'routing', withoutRouting);
          }
          const standing = isSoak ? { calls: 500, awayMs: 10_000 } : { calls: 100, awayMs: 3000 };
          await allAtOnce(bench, { ...standing, seed: run, prefix: together });
          const report = await bench.finish(LONG_MS);
          await untilEnded(bench);
          leftAtRelays = await bench.callsLeftAtRelays();
          verdict = await bench.judge(report);
        });
        after(async () => {
          await bench?.stop();
        });
        const assertClean = async (prefix: string): Promise<void> => {
          assert.ok(verdict !== undefined && bench !== undefined);
          const faultyCalls = verdict.faultyCalls.filter(({ number }) => number.startsWith(prefix));
          const own = { ...verdict, faultyCalls, faults: [] };
          assert.equal(verdictText(own), '', await bench.evidence(own));
        };

        for (const [index, trial] of stepTrials.entries()) {
          const name = nameOf(trial);
          test(`edge.md §5: ${trial.line} (${name}): every call goes on as its ends want it`, async () => {
            const result = results[index];
            assert.ok(result?.hasFired === true, `no pod passed ${name}`);
            await assertClean(result.prefix);
          });
        }

        test('edge.md §5: a pod is only paused: it sees that it lost its calls and stops what it did for them', () =>
          assertClean(paused));
        if (layout === 'split') {
          test('edge.md §5: auth is away: new calls get 503, calls in progress do not notice', () =>
            assertClean(withoutAuth));
          test('edge.md §5: routing is away: new calls get 503, calls in progress do not notice', () =>
            assertClean(withoutRouting));
        }
        test('edge.md §5: all pods are killed at once and started later: every call is hung up, from either side', () =>
          assertClean(together));
        test('CALL-05 sessions are refreshed, probed and ended through pods that die', () =>
          assertClean(long));

        test('CALL-06 CALL-08 after pods and a relay have died no relay has a call left', () => {
          assert.deepEqual(leftAtRelays, []);
        });

        test('edge.md §9: after a death at every step nothing is left: no line, no call, no event', () => {
          assert.ok(verdict !== undefined);
          assert.equal(verdictText({ ...verdict, faultyCalls: [] }), '');
          assert.equal(verdict.cdrs, verdict.calls);
        });
      },
    );
  }
});
