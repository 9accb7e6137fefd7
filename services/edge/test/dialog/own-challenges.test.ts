import assert from 'node:assert/strict';
import test from 'node:test';
import type { DialogTerms } from '@tandem/proto/routing';
import { cseq, parseCredentials } from '@tandem/sip';
import { provesPassword } from '@tandem/testing';
import { EdgeBench } from '../support/edge-bench.ts';

const credentials = { username: 'tandem', password: 'carrier-secret' };
const dialog: DialogTerms = {
  sessionIntervalSeconds: 600,
  probeIntervalSeconds: 300,
  relaysRefer: false,
  contact: 'user',
  identityA: 0,
  identityB: 0,
};
const PROBE_MS = 300_000;

async function probedCall(carrier: object) {
  const bench = new EdgeBench({ carriers: [{ dialog, ...carrier }] });
  const call = await bench.answeredCall();
  await bench.settle(PROBE_MS + 1);
  void bench.sweep();
  return { bench, ...call };
}

test('AUTH-11 CALL-05 a challenged probe is sent again with our credentials: its answer counts', async () => {
  const { bench, a, b } = await probedCall(credentials);
  (await bench.until(a.receive('OPTIONS'))).respond(200);
  const first = await bench.until(b.receive('OPTIONS'));
  first.challenge({ status: 407 });
  const second = await bench.until(b.receive('OPTIONS'));
  assert.ok(provesPassword(second.request, credentials));
  assert.equal(cseq(second.request).number, cseq(first.request).number + 1);
  second.respond(481);
  await bench.until(a.receive('BYE'));
  await bench.settle(100);
  assert.equal(bench.told.at(-1), 'ended SessionExpired 200 switch');
  await bench.close();
});

test('AUTH-11 CALL-05 a probe whose challenge nobody can answer has shown a sign of life', async () => {
  const { bench, a, b } = await probedCall({});
  (await bench.until(a.receive('OPTIONS'))).respond(200);
  (await bench.until(b.receive('OPTIONS'))).challenge({ status: 407 });
  await bench.settle(5000);
  assert.deepEqual(bench.told, ['answered']);
  assert.equal(bench.carrier.transcript.count('received', 'OPTIONS'), 1);
  await bench.close();
});

test('AUTH-11 T2-04 the BYE with which the switch ends a call is sent again to a carrier that challenges it, hop by hop', async () => {
  const bench = new EdgeBench({ carriers: [{ dialog, ...credentials }] });
  const { a, b } = await bench.answeredCall({ headers: { Supported: 'timer' } });
  await bench.settle(601_000);
  await bench.sweep();
  (await bench.until(a.receive('BYE'))).respond(200);
  const first = await bench.until(b.receive('BYE'));
  first.challenge({ status: 407, realm: 'one' });
  const second = await bench.until(b.receive('BYE'));
  second.challenge({ status: 401, realm: 'two' });
  const third = await bench.until(b.receive('BYE'));
  assert.deepEqual(
    [first, second, third].map(({ request }) => request.headers.get('CSeq')),
    ['1073741824 BYE', '1073741825 BYE', '1073741826 BYE'],
  );
  const { headers } = third.request;
  assert.equal(parseCredentials(headers.get('Proxy-Authorization') ?? '').realm, 'one');
  assert.equal(parseCredentials(headers.get('Authorization') ?? '').realm, 'two');
  assert.ok(provesPassword(third.request, credentials));
  assert.match(headers.get('Reason') ?? '', /SessionExpired/);
  third.respond(200);
  await bench.settle();
  await bench.sweep();
  assert.equal(bench.carrier.transcript.count('received', 'BYE'), 3);
  // What the carrier says to the BYE decides to when the call is charged: its end waits for that, and takes the decisions along.
  assert.deepEqual(bench.told, ['answered', 'ended SessionExpired 200 switch']);
  const ended = bench.events.find(({ type }) => type === 'ended');
  const checks = ended?.decisions.map(({ check }) => check) ?? [];
  assert.equal(checks.filter((check) => check === 'dialog-challenge').length, 2);
  await bench.close();
});

test('AUTH-11 T2-04 the BYE to a carrier whose answer nobody wants is sent again when it is challenged', async () => {
  const bench = new EdgeBench({ carriers: [credentials] });
  const a = bench.call();
  const b = await bench.incoming();
  b.ring();
  await bench.until(a.provisional(180));
  // The answer crosses the CANCEL.
  const cancel = a.cancel();
  b.answer();
  await bench.until(cancel);
  await bench.until(b.ack());
  const first = await bench.until(b.receive('BYE'));
  first.challenge({ status: 401 });
  const second = await bench.until(b.receive('BYE'));
  assert.ok(provesPassword(second.request, credentials));
  assert.equal(cseq(second.request).number, cseq(first.request).number + 1);
  second.respond(200);
  await bench.settle();
  assert.equal(bench.carrier.transcript.count('received', 'BYE'), 2);
  await bench.close();
});
