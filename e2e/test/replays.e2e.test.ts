import assert from 'node:assert/strict';
import { test } from 'node:test';
import { callAsPhone, callAsTrunk, finalResponse } from '../src/calling.ts';
import { carrier, configuration, type ConfigurationDocument } from '../src/configuration.ts';
import { onEachWay } from '../src/each-way.ts';
import { freePorts } from '../src/free-ports.ts';
import { Carrier } from '../src/sipp.ts';
import { until } from '../src/until.ts';

let carriers: { readonly busy: Carrier; readonly good: Carrier } | undefined;
let document: ConfigurationDocument;

interface Figures {
  readonly calls: number;
  readonly answered: number;
  readonly revenue: readonly { readonly amount: string }[];
  readonly cost: readonly { readonly amount: string }[];
}

interface Told {
  readonly id: string;
  readonly state: string;
  readonly error: string;
  readonly calls: number;
  readonly result: {
    readonly then: Figures;
    readonly now: Figures & { readonly reasons: readonly { readonly reason: string }[] };
    readonly draft: Figures;
    readonly gateways: readonly { readonly gateway: string; readonly now: { readonly attempts: number }; readonly draft: { readonly attempts: number } }[];
    readonly moves: readonly { readonly from: string; readonly to: string; readonly calls: number }[];
  } | null;
} // prettier-ignore

/** A vendor of USD by the minute, so that whatever a call lasts costs the same. */
const vendor = (name: string, pricePerMinute: string) => ({
  account: { name, type: 'vendor', openingBalance: '0', currency: 'USD', rateGroup: name },
  rates: {
    name,
    currency: 'USD',
    rates: [{ prefix: '44', pricePerMinute, firstIncrement: 60, nextIncrement: 60 }],
  },
});

onEachWay(
  'replays',
  {
    usual: 'real',
    setUp: async (running) => {
      const [busy = 0, good = 0, cheap = 0] = await freePorts(3);
      carriers = {
        busy: await Carrier.start({ scenario: 'carrier-unavailable', port: busy }),
        good: await Carrier.start({ scenario: 'carrier-answers', port: good }),
      };
      const plain = configuration(busy, good);
      const vendors = [vendor('dear', '0.01'), vendor('cheap', '0.002')];
      document = {
        ...plain,
        rateGroups: [...plain.rateGroups, ...vendors.map(({ rates }) => rates)],
        accounts: [...plain.accounts, ...vendors.map(({ account }) => account)],
        routingGateways: [
          carrier('busy', busy, 1),
          { ...carrier('good', good, 2), account: 'dear' },
          // Nobody answers there: a replay calls nobody.
          { ...carrier('cheap', cheap, 3), account: 'cheap' },
        ],
      };
      await running.configure(document);
    },
    tearDown: async () => {
      await carriers?.busy.stop();
      await carriers?.good.stop();
    },
  },
  (theSwitch) => {
    test('OPS-08 calls that were made are played by a draft: who gets them, and what is earned, before it is applied', async () => {
      const { api } = theSwitch();
      assert.equal(finalResponse(await callAsTrunk(theSwitch(), '442079460000')).status, 200);
      assert.equal(finalResponse(await callAsPhone(theSwitch(), '442079460001')).status, 200);
      assert.equal(finalResponse(await callAsTrunk(theSwitch(), '33123')).status, 403);
      await api.cdrCount(3);
      const headers = { authorization: `Bearer ${api.token}` };
      const draft = {
        ...document,
        routingGateways: document.routingGateways.map((each) => each['name'] === 'cheap' ? { ...each, priority: 1 } : { ...each, priority: 2 }),
      }; // prettier-ignore
      const made = await fetch(`${api.base}/api/v1/replays?from=1h`, {
        method: 'POST',
        headers: { ...headers, 'content-type': 'application/json' },
        body: JSON.stringify(draft),
      });
      assert.equal(made.status, 202);
      const { id } = (await made.json()) as Told;
      const look = async () => (await api.get(`/api/v1/replays/${id}`)) as Told;
      await until('the replay has ended', async () => ['done', 'failed'].includes((await look()).state), { timeoutMs: 120_000 }); // prettier-ignore
      const { calls, error, result, state } = await look();
      assert.deepEqual([state, error, calls], ['done', '', 3]);
      assert.ok(result);
      // As the calls were charged: two begun minutes at 0.0123, for 0.01 each; by the draft for 0.002.
      const sums = ({ answered, cost, revenue }: Figures) => [answered, revenue[0]?.amount, cost[0]?.amount]; // prettier-ignore
      assert.deepEqual(sums(result.then), [2, '0.0246', '0.02']);
      assert.deepEqual(sums(result.now), [2, '0.0246', '0.02']);
      assert.deepEqual(sums(result.draft), [2, '0.0246', '0.004']);
      assert.deepEqual(result.now.reasons.map(({ reason }) => reason), ['NoRate']); // prettier-ignore
      const attempts = result.gateways.map(({ draft: by, gateway, now }) => [gateway, now.attempts, by.attempts]); // prettier-ignore
      assert.deepEqual(attempts.toSorted(), [
        ['busy', 2, 0],
        ['cheap', 0, 2],
        ['good', 2, 0],
      ]);
      assert.deepEqual(result.moves.map(({ calls: moved, from, to }) => [from, to, moved]), [['good', 'cheap', 2]]); // prettier-ignore
      // Nothing was applied.
      const { candidates } = (await api.get('/api/v1/route?from=demo-trunk&callee=442079460000')) as { candidates: { gateway: string }[] }; // prettier-ignore
      assert.equal(candidates[0]?.gateway, 'busy');
    });
  },
);
