import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import { AnsweringCarrier } from '../src/answering-carrier.ts';
import { callAsTrunk, finalResponse, sipCallId } from '../src/calling.ts';
import { configuration, demo } from '../src/configuration.ts';
import { usualWay } from '../src/running-switch.ts';
import type { RunningSwitch } from '../src/running-switch.ts';
import type { SippResult } from '../src/sipp.ts';
import { startTwoPods } from '../src/two-pods.ts';
import type { TwoPods } from '../src/two-pods.ts';
import { until } from '../src/until.ts';

interface Gateway {
  readonly throttled: { readonly sharePercent: number; readonly failed: number } | null;
  readonly quality: { readonly attempts: number } | null;
}

/** A trunk whose calls go by quality; those of the demo's go by weight. */
const best = { name: 'best-trunk', address: '127.0.0.3' };

const numbers = {
  weight: '441000',
  schedule: '442000',
  profit: '443000',
  quality: '444000',
  throttle: '445000',
  rest: '446000',
} as const;

const busy = [{ code: 486 }];

for (const way of usualWay('real')) {
  suite(`which gateway takes a call, ${way}`, { concurrency: false }, () => {
    let running: RunningSwitch | undefined;
    let kill: TwoPods['kill'];
    const carriers = new Map<string, AnsweringCarrier>();
    /** Of the calls that come to `failing` each so-manieth fails; 0: none. */
    let failsEach = 2;
    let come = 0;
    let isWell = false;

    before(async () => {
      const start = async (name: string, script: Parameters<typeof scriptOf>[0]) => {
        carriers.set(name, await AnsweringCarrier.start(scriptOf(script)));
      };
      for (const name of [
        'three',
        'one',
        'shut',
        'open',
        'dear',
        'cheap',
        'bad',
        'other',
        'spare',
      ]) {
        // prettier-ignore
        await start(name, busy);
      }
      await start('good', [{ code: 180 }, { code: 200 }]);
      await start('failing', () => {
        come += 1;
        return failsEach > 0 && come % failsEach === 0 ? [{ code: 503 }] : busy;
      });
      await start('tired', () => (isWell ? busy : [{ code: 503, headers: 'Retry-After: 3600' }]));
      ({ running, kill } = await startTwoPods(way, 'pod'));
      await running.configure(document(carriers));
    });
    after(async () => {
      await running?.stop();
      for (const carrier of carriers.values()) carrier.close();
    });

    function theSwitch(): RunningSwitch {
      assert.ok(running !== undefined);
      return running;
    }

    const callsTo = (name: string) => carriers.get(name)?.calls ?? 0;

    /** So many calls at once, without a trace. */
    const calls = (number: string, count: number): Promise<SippResult> =>
      callAsTrunk(theSwitch(), number, { calls: count, rate: 50, trace: false, timeoutMs: 90_000 }); // prettier-ignore

    /** Once there is a CDR; all CDRs of this test are too many to be read again and again. */
    const explained = (result: SippResult): Promise<string> =>
      until('it is explained', async () => (await theSwitch().api.explain(sipCallId(result))).text, { timeoutMs: 60_000, everyMs: 200 }); // prettier-ignore

    const analysed = async (number: string, from: string = demo.trunk): Promise<string> =>
      JSON.stringify(await theSwitch().api.get(`/api/v1/route?callee=${number}&from=${from}`));

    const gateway = async (name: string) =>
      (await theSwitch().api.get(`/api/v1/gateways/${name}`)) as Gateway;

    const journal = async () =>
      JSON.stringify(await theSwitch().api.get('/api/v1/journal?kind=gateway'));

    test('ROUTE-04 order: weight: of 200 calls as many go to each gateway as their weights of 3 and 1 say', async () => {
      await calls(numbers.weight, 200);
      const [three, one] = [callsTo('three'), callsTo('one')];
      // A machine that is busy may refuse some.
      const all = three + one;
      assert.ok(all > 50 && all <= 200, String(all));
      // Six standard deviations.
      const isShared = Math.abs(three - all * 0.75) < 6 * Math.sqrt(all * 0.75 * 0.25);
      assert.ok(isShared, `${String(three)} of ${String(all)}`);
    });

    test('ROUTE-08 ROUTE-12 a gateway whose schedule is shut gets no call, and the analysis says so', async () => {
      const result = await callAsTrunk(theSwitch(), numbers.schedule);
      assert.equal(finalResponse(result).status, 486);
      assert.deepEqual([callsTo('shut'), callsTo('open')], [0, 1]);
      assert.match(await explained(result), /shut was left out: its schedule never is not open at/);
      assert.match(await analysed(numbers.schedule), /shut was left out: its schedule never/);
    });

    test('ROUTE-11 BILL-08 a gateway that costs more than the customer pays gets no call', async () => {
      const result = await callAsTrunk(theSwitch(), numbers.profit);
      assert.equal(finalResponse(result).status, 486);
      assert.deepEqual([callsTo('dear'), callsTo('cheap')], [0, 1]);
      assert.match(
        await explained(result),
        /dear was left out: it costs 0\.02 USD a minute and the customer pays 0\.0123 USD/,
      );
    });

    test('ROUTE-06 a gateway that answers 503 with Retry-After rests, on all pods, until an operator ends that', async () => {
      const { api } = theSwitch();
      const result = await callAsTrunk(theSwitch(), numbers.rest);
      assert.equal(finalResponse(result).status, 486);
      const cdr = await api.cdrOf(sipCallId(result));
      assert.deepEqual(
        cdr.attempts.map((attempt) => [attempt.gateway, attempt.code]),
        [
          ['tired', 503],
          ['spare', 486],
        ],
      );
      await until('it is left out', async () =>
        (await analysed(numbers.rest)).includes('wants no calls for 300 s'),
      );
      // The pod that did not have the call knows it, too.
      await until('every pod leaves it out', async () => {
        const known = callsTo('tired');
        await calls(numbers.rest, 10);
        return callsTo('tired') === known;
      });
      isWell = true;
      await api.endRest('tired');
      await until('it gets calls again', async () => {
        const known = callsTo('tired');
        await calls(numbers.rest, 4);
        return callsTo('tired') > known;
      });
    });

    test('ROUTE-04 ROUTE-12 order: quality: who has answered comes before who has not, with its figures', async () => {
      const call = () => callAsTrunk(theSwitch(), numbers.quality, { address: best.address, caller: '442079460001' }); // prettier-ignore
      const untilCall = (what: string, is: (result: SippResult) => boolean | Promise<boolean>) =>
        until(what, async () => is(await call()), { timeoutMs: 60_000, everyMs: 500 });
      // While nobody is known it goes by name, and then, with a trial of 100 %, to who is not known yet.
      assert.equal(finalResponse(await call()).status, 486);
      await untilCall('the other one is tried', (result) => finalResponse(result).status === 200);
      // Each pod reads the figures by itself.
      await untilCall('who has answered comes first, known as that', async (result) =>
        /good was chosen for prefix 444.*quality ASR 100 %, ACD .* attempts \(prefix 444\).*the order is good, bad/.test(
          await explained(result),
        ),
      );
      await until('the analysis says so', async () =>
        /bad [^"]*quality ASR 0 %/.test(await analysed(numbers.quality, best.name)),
      );
    });

    test('ROUTE-16 OPS-10 a gateway that fails half its calls is throttled step by step, a pod dies meanwhile, and it recovers', async () => {
      const untilShare = (what: string, is: (gateway: Gateway) => boolean) =>
        until(
          what,
          async () => {
            await calls(numbers.throttle, 30);
            return is(await gateway('failing'));
          },
          { timeoutMs: 120_000 },
        );
      await untilShare('it is throttled', ({ throttled }) => throttled !== null);
      kill?.('pod-1');
      await untilShare('it gets less', ({ throttled }) => (throttled?.sharePercent ?? 100) <= 25);
      const known = [callsTo('failing'), callsTo('other')] as const;
      await calls(numbers.throttle, 60);
      const [mine, others] = [callsTo('failing') - known[0], callsTo('other') - known[1]];
      assert.ok(mine < 40 && others > 20, `${String(mine)} and ${String(others)} calls`);
      await until('the analysis says so', async () =>
        /failing [^"]*throttled to [\d.]+ % of its calls/.test(await analysed(numbers.throttle)),
      );
      await until('the journal says so', async () =>
        (await journal()).includes('failing keeps failing'),
      );
      // A call that it does not get says why.
      await until(
        'explain says so',
        async () => {
          const result = await callAsTrunk(theSwitch(), numbers.throttle);
          const text = await explained(result);
          return text.includes('failing comes after all others: it is throttled to');
        },
        { timeoutMs: 60_000 },
      );
      failsEach = 0;
      await untilShare('it has all of its calls again', ({ throttled }) => throttled === null);
      await until('the journal says that, too', async () =>
        (await journal()).includes('failing gets 100 % of its calls'),
      );
    });
  });
}

type Scripted =
  Parameters<typeof AnsweringCarrier.start>[0] extends ReadonlyMap<string, infer S> ? S : never;

function scriptOf(script: Scripted): ReadonlyMap<string, Scripted> {
  return new Map([['', script]]);
}

function document(carriers: ReadonlyMap<string, AnsweringCarrier>): object {
  const plain = configuration(1, 2);
  const gateway = (name: string, number: string, more: object = {}) => ({
    name,
    addresses: [`127.0.0.1:${String(carriers.get(name)?.port ?? 0)}`],
    prefixes: [number.slice(0, 3)],
    ...more,
  });
  const [trunk] = plain.mappingGateways;
  const [standard] = plain.rateGroups;
  return {
    ...plain,
    parameters: {
      SS_GATEWAY_QUALITY_CALLS: 1,
      SS_GATEWAY_QUALITY_TRIAL: 100,
      SS_GATEWAY_THROTTLE_CALLS: 10,
      SS_GATEWAY_THROTTLE_STEP: 1,
      SS_GATEWAY_THROTTLE_WINDOW: 60,
    },
    rateGroups: [
      standard,
      ...['0.02', '0.01'].map((pricePerMinute) => ({
        name: `at-${pricePerMinute}`,
        currency: 'USD',
        rates: [{ prefix: '44', pricePerMinute }],
      })),
    ],
    accounts: [
      ...plain.accounts,
      { name: 'v-dear', type: 'vendor', rateGroup: 'at-0.02' },
      { name: 'v-cheap', type: 'vendor', rateGroup: 'at-0.01' },
    ],
    schedules: [{ name: 'never', timeZone: 'UTC', open: [{ dates: ['2001-01-01'] }] }],
    routePolicies: [
      { name: 'shares', order: 'weight' },
      { name: 'best', order: 'quality' },
    ],
    mappingGateways: [
      { ...trunk, routePolicy: 'shares' },
      {
        name: best.name,
        account: demo.account,
        authentication: { mode: 'ip', addresses: [`${best.address}/32`] },
        routePolicy: 'best',
      },
    ],
    routingGateways: [
      gateway('three', numbers.weight, { weight: 3 }),
      gateway('one', numbers.weight, { weight: 1 }),
      gateway('shut', numbers.schedule, { schedule: 'never' }),
      gateway('open', numbers.schedule, { priority: 2 }),
      gateway('dear', numbers.profit, { account: 'v-dear' }),
      gateway('cheap', numbers.profit, { account: 'v-cheap', priority: 2 }),
      gateway('bad', numbers.quality),
      gateway('good', numbers.quality),
      gateway('failing', numbers.throttle),
      gateway('other', numbers.throttle, { priority: 2 }),
      gateway('tired', numbers.rest),
      gateway('spare', numbers.rest, { priority: 2 }),
    ],
  };
}
