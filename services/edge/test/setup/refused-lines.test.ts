import assert from 'node:assert/strict';
import test from 'node:test';
import type { RouteReply } from '@tandem/proto/edge-replies';
import type { RouteRequest } from '@tandem/proto/routing';
import type { AuthClient, EdgeStore, RoutingClient } from '../../src/ports.ts';
import { allowed, deniedBy, origin, routedTo, unrouted } from '../support/call-samples.ts';
import { EdgeBench } from '../support/edge-bench.ts';

const LINE = 'account:demo';
const shapes = ['split', 'pod'] as const;

/** A bench whose routing takes a line of the caller's account for each call that it is told the origin of. */
function lineBench(shape: (typeof shapes)[number], authenticate: AuthClient['authenticate']) {
  const bench = new EdgeBench();
  const taken: string[] = [];
  const route = async ({ callId, origin: caller }: RouteRequest): Promise<RouteReply> => {
    if (caller === undefined) return unrouted('NoAvailableRouter');
    const fixed = [{ key: LINE, limit: 10 }];
    await bench.lines.acquire({ callId, fixed, choices: [], leaseMs: 3_600_000 });
    taken.push(callId);
    return routedTo(bench.candidates, { lines: [LINE] });
  };
  const routing: RoutingClient = {
    isOverSamePipe: shape === 'pod',
    route,
    nextCandidate: () => Promise.reject(new Error('not asked')),
    rest: () => Promise.reject(new Error('not asked')),
  };
  // As the store of all pods: the claim can be asked for, and is there when routing looks.
  const claimed: EdgeStore['claimed'] = (key) => ({ key, field: '', value: '' });
  const store = new Proxy(bench.store, {
    get: (target, name: keyof EdgeStore) =>
      name === 'claimed' ? claimed : target[name].bind(target),
  });
  const server = bench.addPod({ auth: { authenticate }, routing, store, sessions: store });
  bench.pick = () => server;
  return { bench, taken };
}

for (const shape of shapes) {
  test(`ROUTE-05 a call that auth refuses takes no line, whoever it is of: ${shape}`, async () => {
    for (const reason of ['IpNotAllowed', 'AuthenticationFailed', 'Suspended']) {
      const { bench, taken } = lineBench(shape, () => Promise.resolve(deniedBy(reason)));
      assert.equal((await bench.until(bench.call().final())).status, 403);
      await bench.settle();
      assert.deepEqual(taken, []);
      assert.equal(await bench.heldLines(), 0);
      await bench.close();
    }
  });

  test(`ROUTE-05 the lines of a call whose auth fails after the route was asked for are free: ${shape}`, async () => {
    const { bench } = lineBench(shape, (_, onAccepting) => {
      onAccepting?.({ origin, acceptance: { key: 'nonce', field: '+print', value: '1' } });
      return Promise.reject(new Error('away'));
    });
    assert.equal((await bench.until(bench.call().final())).status, 503);
    await bench.settle();
    assert.equal(await bench.heldLines(), 0);
    await bench.close();
  });

  test(`ROUTE-05 a call that is let in holds its line until it ends: ${shape}`, async () => {
    const { bench, taken } = lineBench(shape, () => Promise.resolve(allowed()));
    const a = bench.call();
    const b = await bench.incoming();
    assert.equal(taken.length, 1);
    assert.equal(await bench.heldLines(), 1);
    b.refuse(486);
    assert.equal((await bench.until(a.final())).status, 486);
    await bench.settle();
    assert.equal(await bench.heldLines(), 0);
    await bench.close();
  });
}
