import assert from 'node:assert/strict';
import { test } from 'node:test';
import { callAsTrunk, sipCallId } from '../src/calling.ts';
import { configuration, type ConfigurationDocument } from '../src/configuration.ts';
import { onEachWay } from '../src/each-way.ts';
import { freePort } from '../src/free-ports.ts';
import { aroundNow, reratingIn, type ReratingState } from '../src/rerating.ts';
import { Carrier } from '../src/sipp.ts';
import type { CdrView } from '../src/switch-api.ts';
import { until } from '../src/until.ts';

const USUAL = '442079460000';
const DEAR = '447700900000';
/** Price of a begun minute to `USUAL`, and of a second to `DEAR`, of each account: the last is nearest to the switch. */
const LEVELS = [
  { account: 'shop', minute: '0.03', second: '1' },
  { account: 'north', minute: '0.02', second: '0.5' },
  { account: 'owner', minute: '0.01', second: '0.2' },
] as const;

interface LevelView {
  readonly account: string;
  readonly price: string;
  readonly margin: string;
  readonly currentPrice: string;
  readonly currentMargin: string;
}
type ResoldCdr = CdrView & {
  readonly currentPrice: string;
  readonly levels: readonly LevelView[];
  readonly corrections: readonly { readonly side: string; readonly account: string; readonly difference: string; readonly rerating: number }[];
}; // prettier-ignore

interface Told extends ReratingState {
  readonly sums: readonly { readonly account: string; readonly side: string; readonly differing: number; readonly difference: string }[];
} // prettier-ignore

let carrier: Carrier | undefined;
let document: ConfigurationDocument;

function ratesOf(minutes: readonly string[]): ConfigurationDocument['rateGroups'] {
  return LEVELS.map(({ account, second }, at) => ({
    name: account,
    currency: 'USD',
    rates: [
      { prefix: '44', pricePerMinute: minutes[at], firstIncrement: 60, nextIncrement: 60 },
      { prefix: '4477', pricePerMinute: String(60 * Number(second)), firstIncrement: 1, nextIncrement: 1 },
    ],
  })); // prettier-ignore
}

onEachWay(
  'resellers',
  {
    usual: 'real',
    setUp: async (running) => {
      carrier = await Carrier.start({ scenario: 'carrier-answers', port: await freePort() });
      document = configuration(carrier.port, await freePort());
      const [usual] = document.accounts;
      document.rateGroups.push(...ratesOf(LEVELS.map(({ minute }) => minute)));
      document.accounts.push(
        { ...usual, name: 'owner', rateGroup: 'owner', openingBalance: '50' },
        { ...usual, name: 'north', rateGroup: 'north', openingBalance: '0.1', parent: 'owner' },
        { ...usual, name: 'shop', rateGroup: 'shop', openingBalance: '50', parent: 'north' },
      );
      document.mappingGateways = document.mappingGateways.map((each) => ({ ...each, account: 'shop' })); // prettier-ignore
      await running.configure(document);
    },
    tearDown: async () => carrier?.stop(),
  },
  (theSwitch) => {
    const owned = async (): Promise<readonly string[]> =>
      Promise.all(LEVELS.map(({ account }) => theSwitch().api.balance(account)));
    const owns = (...expected: readonly string[]) => async () => (await owned()).join() === expected.join(); // prettier-ignore
    const statementOf = async (account: string): Promise<readonly (readonly [string, string])[]> => {
      const { lines } = (await theSwitch().api.get(`/api/v1/accounts/${account}/statement`)) as { readonly lines: readonly { readonly kind: string; readonly amount: string }[] };
      return lines.map(({ amount, kind }) => [kind, amount]);
    }; // prettier-ignore
    const answered = async (): Promise<readonly ResoldCdr[]> =>
      (await theSwitch().api.cdrs()).filter(({ reason }) => reason !== 'InsufficientBalance') as unknown as readonly ResoldCdr[]; // prettier-ignore

    test('BILL-01 BILL-05 of twenty calls at once five are answered, for which the reseller has money, and each level owes its own price of them', async () => {
      const { api } = theSwitch();
      const result = await callAsTrunk(theSwitch(), USUAL, { calls: 20, rate: 1000, pauseMs: 1500 }); // prettier-ignore
      assert.equal(result.created, 20, result.output);
      const cdrs = await api.cdrCount(20);
      const refused = cdrs.filter(({ reason }) => reason === 'InsufficientBalance');
      assert.equal(refused.length, 15);
      await until('all levels are charged', owns('49.85', '0', '49.95'));
      const { text: why } = await api.explain(refused[0]?.callId ?? '');
      assert.match(why, /reseller north of account shop has 0\.1 .*0\.1 of it reserved/i);
      const [cdr] = await answered();
      assert.equal(cdr?.price, '0.03');
      assert.deepEqual(cdr.levels.map(({ account, margin, price }) => [account, price, margin]), [['north', '0.02', '0.01'], ['owner', '0.01', '0.01']]); // prettier-ignore
      const { text } = await api.explain(cdr.callId);
      assert.match(text, /charged 0\.03 USD .*; reseller north owes 0\.02 \(margin 0\.01\); reseller owner owes 0\.01 \(margin 0\.01\)/); // prettier-ignore
      assert.ok((await statementOf('north')).some(([kind, amount]) => kind === 'calls' && amount === '-0.1')); // prettier-ignore
    });

    test('BILL-01 CALL-09 a call is cut where the money of the reseller ends, and each level is charged to that moment', async () => {
      const { api } = theSwitch();
      await api.pay('north', '1.5', 'before');
      const result = await callAsTrunk(theSwitch(), DEAR, { scenario: 'caller-waits-for-bye' });
      assert.equal(result.successful, 1, result.output);
      const { callId, durationMs, price, reason } = await api.cdrOf(sipCallId(result));
      assert.deepEqual([reason, durationMs, price], ['BalanceUsedUp', 3000, '3']);
      await until('all levels are charged', owns('46.85', '0', '49.35'));
      const { text } = await api.explain(callId);
      assert.match(text, /since the money of reseller north of account shop had ended: it had 1\.5 .*tandem accounts pay north AMOUNT/); // prettier-ignore
      assert.equal(await api.linesHeld(), 0);
    });

    test('BILL-06 BILL-01 a re-rating of the reseller corrects what it owes, and nothing of the others', async () => {
      const { api } = theSwitch();
      // Its rate of a minute was to be 0.015; that of shop, which is none of this, is another one by now, too.
      const rateGroups = [...document.rateGroups.filter(({ name }) => name === 'standard'), ...ratesOf(['0.04', '0.015', '0.01'])]; // prettier-ignore
      await theSwitch().configure({ ...document, rateGroups });
      const reached = (id: number, state: string): Promise<Told> => reratingIn(api, id, state);
      const { id } = (await api.post('/api/v1/reratings', { ...aroundNow(), accounts: ['north'] })) as Told; // prettier-ignore
      const { sums } = await reached(id, 'ready');
      assert.deepEqual(sums.map(({ account, difference, differing, side }) => [account, side, differing, difference]), [['north', 'level', 5, '-0.025']]); // prettier-ignore
      await api.post(`/api/v1/reratings/${String(id)}/apply`, {});
      await reached(id, 'applied');
      await until('its balance is told', owns('46.85', '0.025', '49.35'));
      const usual = (await answered()).filter(({ reason }) => reason !== 'BalanceUsedUp');
      assert.equal(usual.length, 5);
      for (const { corrections, currentPrice, levels, price } of usual) {
        assert.deepEqual([price, currentPrice], ['0.03', '0.03']);
        assert.deepEqual(levels.map((level) => [level.price, level.currentPrice, level.currentMargin]), [['0.02', '0.015', '0.015'], ['0.01', '0.01', '0.005']]); // prettier-ignore
        assert.deepEqual(corrections.map(({ account, difference, rerating, side }) => [side, account, difference, rerating]), [['level', 'north', '-0.005', id]]); // prettier-ignore
      }
      const { text } = await api.explain(usual[0]?.callId ?? '');
      assert.match(text, new RegExp(`re-rating ${String(id)} made the price of reseller north 0\\.015 USD, margin 0\\.015 \\(0\\.015 a minute`)); // prettier-ignore
      assert.ok((await statementOf('north')).some(([kind, amount]) => kind === 'adjustments' && amount === '0.025')); // prettier-ignore
      assert.ok(!(await statementOf('owner')).some(([kind]) => kind === 'adjustments'));
    });
  },
);
