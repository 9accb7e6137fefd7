import assert from 'node:assert/strict';
import { test } from 'node:test';
import { callAsTrunk, finalResponse, sipCallId } from '../src/calling.ts';
import { onEachWay } from '../src/each-way.ts';
import { type RefusalSetting, numbers, startRefusalSetting } from '../src/refusal-cases.ts';
import { header } from '../src/sip-trace.ts';
import { until } from '../src/until.ts';

let setting: RefusalSetting | undefined;

interface Expected {
  readonly code: number;
  readonly reason: string;
  readonly warning?: string;
  /** What `explain` must name. */
  readonly mentioned: readonly string[];
  /** Gateways in the order in which they were tried, with their last code. */
  readonly attempts?: readonly (readonly [gateway: string, code: number])[];
}

onEachWay(
  'refusals on the side of the carrier',
  {
    usual: 'real',
    layout: 'pod',
    setUp: async (running) => {
      setting = await startRefusalSetting();
      await running.configure(setting.document);
    },
    tearDown: async () => setting?.stop(),
  },
  (theSwitch) => {
    test('DENY-14 a carrier that says nothing at all: 408', () =>
      isRefused(numbers.silent, {
        code: 408,
        reason: 'InviteTimeout',
        warning: 'Gateway does not answer',
        mentioned: ['carrier-silent', 'SS_SIP_TIMEOUT_INVITE'],
        attempts: [['carrier-silent', 408]],
      }));

    test('DENY-15 a carrier that rings and then says nothing more: 408', () =>
      isRefused(numbers.stops, {
        code: 408,
        reason: 'GatewayTimeout',
        warning: 'Gateway stopped answering',
        mentioned: ['carrier-stops', 'SS_SIP_TIMEOUT_RINGING'],
        attempts: [['carrier-stops', 408]],
      }));

    test('DENY-18 a busy callee: 486 as received', () =>
      isRefused(numbers.busy, {
        code: 486,
        reason: 'Rejected',
        mentioned: ['carrier-busy', '486'],
        attempts: [['carrier-busy', 486]],
      }));

    test('DENY-18 the only carrier answers 503, which is 500 for the caller', () =>
      isRefused(numbers.unavailable, {
        code: 500,
        reason: 'Rejected',
        mentioned: ['carrier-away', '503'],
        attempts: [['carrier-away', 503]],
      }));

    test('DENY-12 the only gateway is locked', () =>
      isRefused(numbers.barred, {
        code: 503,
        reason: 'AllGatewayBusy',
        warning: 'All gateways busy',
        mentioned: ['carrier-barred', 'bar-all'],
      }));

    test('DENY-12 the only gateway has all its lines in use', async () => {
      const held = callAsTrunk(theSwitch(), numbers.full, { pauseMs: 4000 });
      await until('the line is held', async () => (await theSwitch().api.linesHeld()) > 0);
      await isRefused(numbers.full, {
        code: 503,
        reason: 'AllGatewayBusy',
        warning: 'All gateways busy',
        mentioned: ['carrier-one-line', '1'],
      });
      assert.equal((await held).successful, 1);
    });

    test('ROUTE-06 a carrier answers 503 and the second one takes the call', async () => {
      const result = await callAsTrunk(theSwitch(), numbers.failsOver, { pauseMs: 1000 });
      assert.equal(finalResponse(result).status, 200, result.output);
      const cdr = await theSwitch().api.cdrOf(sipCallId(result));
      assert.deepEqual(
        cdr.attempts.map(({ gateway, code }) => [gateway, code]),
        [
          ['carrier-first', 503],
          ['carrier-second', 200],
        ],
      );
      assert.equal(cdr.price, '0.0123');
    });

    test('DENY-17 the caller cancels while it rings', async () => {
      const options = { scenario: 'caller-cancels', pauseMs: 500 };
      const result = await callAsTrunk(theSwitch(), numbers.stops, options);
      assert.equal(result.successful, 1, result.output);
      const cdr = await theSwitch().api.cdrOf(sipCallId(result));
      assert.deepEqual(
        { reason: cdr.reason, code: cdr.code, by: cdr.endedBy },
        { reason: 'CallerCancelled', code: 487, by: 'caller' },
      );
      assert.equal(cdr.price, '0');
      const messages = await setting?.carriers.get('stops')?.messages();
      assert.ok(messages?.some(({ method }) => method === 'CANCEL'));
      await until('no line is held', async () => (await theSwitch().api.linesHeld()) === 0);
    });

    async function isRefused(callee: string, expected: Expected): Promise<void> {
      const result = await callAsTrunk(theSwitch(), callee);
      const response = finalResponse(result);
      assert.equal(response.status, expected.code, response.text);
      if (expected.warning !== undefined) {
        const warning = new RegExp(`^399 \\S+ "${expected.warning}"$`);
        assert.match(header(response, 'Warning') ?? '', warning);
      }
      const cdr = await theSwitch().api.cdrOf(sipCallId(result));
      assert.deepEqual(
        { reason: cdr.reason, code: cdr.code, price: cdr.price },
        { reason: expected.reason, code: expected.code, price: '0' },
      );
      const attempts = cdr.attempts.map(({ gateway, code }) => [gateway, code]);
      assert.deepEqual(attempts, expected.attempts ?? []);
      const { text } = await theSwitch().api.explain(sipCallId(result));
      for (const word of expected.mentioned) {
        assert.ok(text.includes(word), `"${word}" in: ${text}`);
      }
    }
  },
);
