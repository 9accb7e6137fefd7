import assert from 'node:assert/strict';
import { test } from 'node:test';
import { callAsTrunk, finalResponse, sipCallId } from '../src/calling.ts';
import { carrier, configuration } from '../src/configuration.ts';
import { onEachWay } from '../src/each-way.ts';
import { freePorts } from '../src/free-ports.ts';
import { CHANGE_MS } from '../src/running-switch.ts';
import { header } from '../src/sip-trace.ts';
import { Carrier } from '../src/sipp.ts';
import { until } from '../src/until.ts';

let carriers: { readonly busy: Carrier; readonly good: Carrier } | undefined;

const numberRules = [
  {
    name: 'from-britain',
    rules: [
      { number: 'callee', stripPrefix: '0', prepend: '44' },
      { number: 'caller', stripPrefix: '0', prepend: '44' },
    ],
  },
  {
    name: 'plus',
    rules: [
      { number: 'callee', prepend: '+' },
      { number: 'caller', prepend: '+' },
    ],
  },
  {
    name: 'technical',
    rules: [{ number: 'callee', replace: { pattern: '^44(\\d+)$', by: '1234#0$1' } }],
  },
];

onEachWay(
  'number rules, lists and pools',
  {
    usual: 'real',
    setUp: async (running) => {
      const [busy = 0, good = 0] = await freePorts(2);
      carriers = {
        busy: await Carrier.start({ scenario: 'carrier-unavailable', port: busy, trace: true }),
        good: await Carrier.start({ scenario: 'carrier-answers', port: good, trace: true }),
      };
      const document = configuration(busy, good);
      const [trunk] = document.mappingGateways;
      await running.configure({
        ...document,
        numberRules,
        numberLists: [{ name: 'premium', match: 'prefix' }],
        numberPools: [{ name: 'london', numbers: ['442079460100', '442079460101'], pick: 'round-robin' }], // prettier-ignore
        lists: { denyCallees: ['premium'] },
        mappingGateways: [{ ...trunk, numberRules: ['from-britain'] }],
        routingGateways: [
          { ...carrier('busy', busy, 1), numberRules: ['plus'] },
          { ...carrier('good', good, 2), numberRules: ['technical'], callerPool: 'london' },
        ],
      });
    },
    tearDown: async () => {
      await carriers?.busy.stop();
      await carriers?.good.stop();
    },
  },
  (theSwitch) => {
    test('ROUTE-10 each carrier gets the numbers as it wants them, and the CDR has them as received and as sent', async () => {
      const callers: (string | undefined)[] = [];
      for (let turn = 0; turn < 2; turn++) {
        const result = await callAsTrunk(theSwitch(), '02079460000', { caller: '01632960123' });
        assert.equal(finalResponse(result).status, 200, result.output);
        const cdr = await theSwitch().api.cdrOf(sipCallId(result));
        assert.deepEqual([cdr.a?.caller, cdr.a?.callee], ['01632960123', '02079460000']);
        assert.equal(cdr.b?.callee, '1234#02079460000');
        assert.equal(cdr.price, '0.0123');
        callers.push(cdr.b.caller);
        const { text } = await theSwitch().api.explain(sipCallId(result));
        assert.match(text, /Callee 442079460000 was made of 02079460000 by rule 1 of from-britain/);
        assert.match(text, /was taken from pool london \(round-robin\) for good/);
      }
      assert.deepEqual(callers.toSorted(), ['442079460100', '442079460101']);
      assert.match(
        await lastInvite(carriers?.busy),
        /^INVITE sip:\+442079460000@.*\+441632960123@/s,
      );
      assert.match(
        await lastInvite(carriers?.good),
        new RegExp(`^INVITE sip:1234%2302079460000@.*sip:${String(callers[1])}@`, 's'),
      );
    });

    test('DENY-20 ROUTE-13 a list that was imported is in effect within two seconds: 403 NumberBarred', async () => {
      const { api } = theSwitch();
      const path = '/api/v1/route?from=demo-trunk&callee=09012345';
      const isBarred = async () => ((await api.get(path)) as { reason: string }).reason === 'NumberBarred'; // prettier-ignore
      assert.equal(await isBarred(), false);
      const numbers = Array.from({ length: 20_000 }, (_, at) => `4490${String(10_000 + at)}`);
      await api.importList('premium', `number\n${numbers.join('\n')}\n`);
      await until('the list is in effect', isBarred, { timeoutMs: CHANGE_MS });
      const result = await callAsTrunk(theSwitch(), '0901234567');
      const final = finalResponse(result);
      assert.equal(final.start, 'SIP/2.0 403 Forbidden');
      assert.match(header(final, 'Warning') ?? '', /Number barred/);
      const cdr = await api.cdrOf(sipCallId(result));
      assert.equal(cdr.reason, 'NumberBarred');
      const { text } = await api.explain(sipCallId(result));
      assert.match(text, /callee 44901234567 is in list premium \(449012345\)/i);
      await assert.rejects(api.importList('premium', '4490\nnone\n'), /422.*"line":2/);
    });
  },
);

async function lastInvite(called: Carrier | undefined): Promise<string> {
  const invites = (await called?.messages())?.filter(({ method }) => method === 'INVITE') ?? [];
  const invite = invites.at(-1);
  assert.ok(invite);
  return `${invite.start}\n${header(invite, 'From') ?? ''}`;
}
