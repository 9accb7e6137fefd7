import assert from 'node:assert/strict';
import test from 'node:test';
import { PodsBench } from '../support/pods-bench.ts';
import type { SimulatedPod } from '../support/simulated-pod.ts';

const WHO = 'api 192.0.2.9: fraud';

async function others(bench: PodsBench, callId: string): Promise<readonly SimulatedPod[]> {
  const owner = await bench.ownerOf(callId);
  assert.ok(owner !== undefined);
  return bench.pods.filter((pod) => pod !== owner && !pod.isDead);
}

test('OPS-02 a call that rings is ended by whichever pod an operator asks: 480, CANCEL, and no line is left', async () => {
  const bench = await PodsBench.start();
  const { a, b } = await bench.ringing();
  const [asked] = await others(bench, b.callId);
  const ending = asked?.server.hangUps.hangUp(b.callId, WHO);
  assert.equal((await bench.until(a.final())).status, 480);
  assert.equal(await bench.until(ending ?? Promise.reject(new Error('no pod'))), 'ended');
  await bench.settle();
  assert.equal(bench.carrier.transcript.count('received', 'CANCEL'), 1);
  assert.deepEqual(bench.told, ['ended EndedByOperator 480 switch']);
  assert.equal(await bench.heldLines(), 0);
  await bench.close();
});

test('OPS-02 an answered call is ended with BYE to both sides; to end it again is to end none', async () => {
  const bench = await PodsBench.start();
  const { a, b } = await bench.ringing();
  b.answer();
  await bench.until(a.answered());
  await bench.until(b.ack());
  const [asked, again] = await others(bench, b.callId);
  const ending = asked?.server.hangUps.hangUp(b.callId, WHO);
  for (const side of [a, b]) {
    const bye = await bench.until(side.receive('BYE'));
    assert.match(bye.request.headers.get('Reason') ?? '', /EndedByOperator/);
    bye.respond(200);
  }
  assert.equal(await bench.until(ending ?? Promise.reject(new Error('no pod'))), 'ended');
  await bench.settle();
  const second = again?.server.hangUps.hangUp(b.callId, WHO) ?? Promise.reject(new Error('no pod'));
  assert.equal(await bench.until(second), 'no-such-call');
  assert.deepEqual(bench.told, ['answered', 'ended EndedByOperator 200 switch']);
  assert.equal(await bench.heldLines(), 0);
  await bench.close();
});

test('OPS-02 the pod that sets a call up dies: the operator is told, and ends it once another has it', async () => {
  const bench = await PodsBench.start();
  const { a, b } = await bench.ringing();
  const owner = await bench.ownerOf(b.callId);
  const [asked] = await others(bench, b.callId);
  assert.ok(owner !== undefined && asked !== undefined);
  bench.kill(owner);
  let results = '';
  const ask = async (): Promise<void> => {
    for (let attempt = 0; attempt < 20; attempt++) {
      const result = await asked.server.hangUps.hangUp(b.callId, WHO);
      results += `${result} `;
      if (result === 'ended') return;
    }
  };
  const ending = ask();
  assert.equal((await bench.until(a.final())).status, 480);
  await bench.until(ending);
  assert.match(results, /^(unended )*ended $/);
  await bench.settle();
  assert.equal(bench.carrier.transcript.count('received', 'CANCEL'), 1);
  assert.deepEqual(bench.told, ['ended EndedByOperator 480 switch']);
  assert.equal(await bench.heldLines(), 0);
  await bench.close();
});

test('OPS-02 a call that is not there is not ended', async () => {
  const bench = await PodsBench.start();
  const [pod] = bench.pods;
  const ending = pod?.server.hangUps.hangUp('nobody', WHO) ?? Promise.reject(new Error('no pod'));
  assert.equal(await bench.until(ending), 'no-such-call');
  await bench.close();
});
