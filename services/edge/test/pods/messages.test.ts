import assert from 'node:assert/strict';
import test from 'node:test';
import { topVia } from '@tandem/sip';
import type { SipRequest } from '@tandem/sip';
import { markIn } from '../../src/core/marks/call-mark.ts';
import { EDGE } from '../support/edge-bench.ts';
import { PodsBench } from '../support/pods-bench.ts';
import type { SimulatedPod } from '../support/simulated-pod.ts';

/** The pod that waits for the answer to a MESSAGE. */
function ownerOf(bench: PodsBench, request: SipRequest): SimulatedPod {
  const mark = markIn((topVia(request).branch ?? '').slice('z9hG4bK-m'.length));
  const owner = `${String(mark?.slot)}.${String(mark?.epoch)}`;
  const pod = bench.pods.find((each) => each.owner === owner);
  assert.ok(pod);
  return pod;
}

test('CALL-04 CALL-06 a MESSAGE and its answer find their pod, whichever pods they reach', async () => {
  const bench = await PodsBench.start({ seed: 3, loss: 0.1 });
  for (let number = 0; number < 20; number += 1) {
    const sent = bench.alice.request('MESSAGE', { to: EDGE });
    (await bench.until(bench.carrier.receive('MESSAGE'))).respond(200);
    assert.equal((await bench.until(sent)).status, 200);
  }
  await bench.close();
});

test('CALL-04 CALL-06 the pod of a MESSAGE dies: its sender repeats it, and another pod begins anew', async () => {
  const bench = await PodsBench.start();
  const sent = bench.alice.request('MESSAGE', { to: EDGE });
  const first = await bench.until(bench.carrier.receive('MESSAGE'));
  bench.kill(ownerOf(bench, first.request));
  first.respond(200);
  const second = await bench.until(bench.carrier.receive('MESSAGE'));
  assert.notEqual(second.request.headers.get('Call-ID'), first.request.headers.get('Call-ID'));
  second.respond(200);
  assert.equal((await bench.until(sent)).status, 200);
  await bench.close();
});
