import assert from 'node:assert/strict';
import { test } from 'node:test';
import { callAsPhone, callAsTrunk, finalResponse } from '../src/calling.ts';
import { configuration, type ConfigurationDocument } from '../src/configuration.ts';
import { onEachWay } from '../src/each-way.ts';
import { freePorts } from '../src/free-ports.ts';
import { aroundNow, reratingIn, type ReratingState } from '../src/rerating.ts';
import { Carrier } from '../src/sipp.ts';
import { until } from '../src/until.ts';

let carrier: Carrier | undefined;
let document: ConfigurationDocument;

interface Told extends ReratingState {
  readonly sums: readonly { readonly calls: number; readonly before: string; readonly after: string; readonly difference: string }[];
  readonly applied: readonly { readonly entries: number; readonly difference: string }[];
} // prettier-ignore

interface Corrected {
  readonly callId: string;
  readonly price: string;
  readonly currentPrice: string;
  readonly corrections: readonly { readonly difference: string; readonly rerating: number }[];
}

onEachWay(
  're-ratings',
  {
    usual: 'real',
    setUp: async (running) => {
      const [port = 0, other = 0] = await freePorts(2);
      carrier = await Carrier.start({ scenario: 'carrier-answers', port });
      document = configuration(port, other);
      await running.configure(document);
    },
    tearDown: async () => {
      await carrier?.stop();
    },
  },
  (theSwitch) => {
    test('BILL-06 calls are rated once more by a corrected rate: balance, CDR and explanation tell what they cost now', async () => {
      const { api } = theSwitch();
      assert.equal(finalResponse(await callAsTrunk(theSwitch(), '442079460000')).status, 200);
      assert.equal(finalResponse(await callAsPhone(theSwitch(), '442079460001')).status, 200);
      const [first] = await api.cdrCount(2);
      assert.ok(first);
      await until('both are charged', async () => (await api.balance('demo')) === '99.9754');
      // One begun minute each: 0.0123 was to be 0.01.
      await theSwitch().configure({
        ...document,
        rateGroups: [{ name: 'standard', currency: 'USD', rates: [{ prefix: '44', pricePerMinute: '0.01', firstIncrement: 60, nextIncrement: 60 }] }],
      }); // prettier-ignore
      const reached = (id: number, state: string): Promise<Told> => reratingIn(api, id, state);
      const { id } = (await api.post('/api/v1/reratings', { ...aroundNow(), accounts: ['demo'] })) as Told; // prettier-ignore
      const ready = await reached(id, 'ready');
      const sums = ready.sums.map(({ after, before, calls, difference }) => [calls, before, after, difference]); // prettier-ignore
      assert.deepEqual(sums, [[2, '0.0246', '0.02', '-0.0046']]);
      assert.equal(await api.balance('demo'), '99.9754');
      await api.post(`/api/v1/reratings/${String(id)}/apply`, {});
      const { applied } = await reached(id, 'applied');
      assert.deepEqual(applied.map(({ difference, entries }) => [entries, difference]), [[2, '-0.0046']]); // prettier-ignore
      await until('the balance is told', async () => (await api.balance('demo')) === '99.98');
      const cdrs = (await api.cdrs()) as unknown as readonly Corrected[];
      for (const { corrections, currentPrice, price } of cdrs) {
        assert.deepEqual([price, currentPrice], ['0.0123', '0.01']);
        assert.deepEqual(corrections.map(({ difference, rerating }) => [difference, rerating]), [['-0.0023', id]]); // prettier-ignore
      }
      const { summary } = (await api.get(`/api/v1/explain/${encodeURIComponent(cdrs[0]?.callId ?? '')}`)) as { readonly summary: string }; // prettier-ignore
      assert.match(
        summary,
        /charged 0\.0123 USD .*re-rating \d+ made the price 0\.01 USD \(0\.01 a minute/,
      );
      // What was booked is taken back.
      const back = (await api.post(`/api/v1/reratings/${String(id)}/reverse`, { note: 'a mistake' })) as Told; // prettier-ignore
      await reached(back.id, 'ready');
      await api.post(`/api/v1/reratings/${String(back.id)}/apply`, {});
      await reached(back.id, 'applied');
      await until('the balance is as it was', async () => (await api.balance('demo')) === '99.9754'); // prettier-ignore
    });
  },
);
