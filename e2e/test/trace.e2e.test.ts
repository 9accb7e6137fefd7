import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { type OtlpReceiver, openOtlpReceiver, spanTree } from '@tandem/testing';
import { callAsPhone, finalResponse, sipCallId } from '../src/calling.ts';
import { configuration } from '../src/configuration.ts';
import { startSwitch } from '../src/each-way.ts';
import { freePorts } from '../src/free-ports.ts';
import { type RunningSwitch, ways } from '../src/running-switch.ts';
import { layoutOr } from '../src/shape.ts';
import { Carrier } from '../src/sipp.ts';
import { until } from '../src/until.ts';

const METRICS = [
  'tandem.edge.calls',
  'tandem.edge.answers',
  'tandem.edge.failures',
  'tandem.rpc.duration',
  'tandem.redis.duration',
  'tandem.billing.kafka.lag',
  'tandem.routing.lines',
] as const;
const ofRealStores = new Set<string>([
  'tandem.rpc.duration',
  'tandem.redis.duration',
  'tandem.billing.kafka.lag',
]);

let receiver: OtlpReceiver;
let carrier: Carrier | undefined;
let running: RunningSwitch | undefined;

for (const way of ways) {
  describe(`telemetry, ${way}`, { timeout: 120_000 }, () => {
    before(async () => {
      receiver = await openOtlpReceiver();
      const [first = 0, second = 0] = await freePorts(2);
      carrier = await Carrier.start({ scenario: 'carrier-answers', port: first });
      running = await startSwitch(way, { otlpEndpoint: receiver.endpoint });
      await running.configure(configuration(first, second));
    });
    after(async () => {
      await running?.stop();
      await carrier?.stop();
      await receiver.close();
    });

    test('OPS-06 one call is one trace through edge, auth, routing, the event log and billing', async () => {
      assert.ok(running !== undefined);
      const result = await callAsPhone(running, '442079460000', { pauseMs: 1000 });
      assert.equal(finalResponse(result).status, 200, result.output);
      const { traceId, callId } = await running.api.cdrOf(sipCallId(result));
      assert.match(traceId, /^[0-9a-f]{32}$/);
      // Spans are told by their process.
      const inPod = layoutOr('split') === 'pod' ? 'pod' : undefined;
      const name = (service: string, process = service): string =>
        way === 'real' ? process : 'tandem';
      const expected = [
        `${name('edge', inPod)} edge.call`,
        `  ${name('auth', inPod)} auth.authenticate`,
        `  ${name('routing', inPod)} routing.route`,
        `  ${name('billing')} billing.store-event`,
        `  ${name('billing')} billing.store-event`,
      ].join('\n');
      await isTree(traceId, expected);
      const root = receiver.trace(traceId).find(({ parentSpanId }) => parentSpanId === '');
      assert.equal(root?.attributes.get('tandem.call_id'), callId);
    });

    test('OPS-06 calls, answers, failures, times, lag and lines are measured', async () => {
      assert.ok(running !== undefined);
      // Lines in use are counted every 5 s: the call must be seen once.
      const held = callAsPhone(running, '442079460000', { pauseMs: 6500 });
      const refused = await callAsPhone(running, '330000000000');
      assert.equal(finalResponse(refused).status, 403, refused.output);
      // The stores of the embedded switch are no Redis and no RPC.
      const isExpected = (name: string): boolean => way === 'real' || !ofRealStores.has(name);
      const missing = (): string[] => {
        const names = new Set(receiver.metrics().map(({ name }) => name));
        return METRICS.filter((name) => isExpected(name) && !names.has(name));
      };
      await until('every metric is exported', () => missing().length === 0).catch(() => {
        assert.deepEqual(missing(), []);
      });
      assert.equal((await held).successful, 1);
    });
  });
}

/** Processes export at their own times: the tree is complete when billing has stored answer and end. */
async function isTree(traceId: string, expected: string): Promise<void> {
  const tree = (): string => spanTree(receiver.trace(traceId));
  await until('the whole tree', () => tree() === expected, { timeoutMs: 15_000 }).catch(() => {
    assert.equal(tree(), expected);
  });
}
