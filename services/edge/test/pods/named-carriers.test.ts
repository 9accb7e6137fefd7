import assert from 'node:assert/strict';
import test from 'node:test';
import type { Target } from '@tandem/proto/routing';
import { routedTo } from '../support/call-samples.ts';
import { assertClean, complete, hangUp } from '../support/pod-calls.ts';
import { EdgeBench } from '../support/edge-bench.ts';
import { PodsBench } from '../support/pods-bench.ts';

const NAME = 'sip:442079460000@carrier.example';
const ANSWERED = ['answered', 'ended NormalClearing 200 caller'];
const HERE = ['10.0.1.1:5070', '10.0.1.2:5070'];

/** As routing writes a name that has several servers: one Request-URI, all addresses. */
function named(...addresses: readonly string[]): Target {
  const { length } = addresses;
  assert.ok(length > 0);
  return { uri: NAME, transport: 'udp', addresses: [...addresses], flow: '', path: [] };
}

/** One gateway by name, and a second peer at its second address. */
async function benchOf(...addresses: readonly string[]): Promise<PodsBench> {
  return PodsBench.start({ carriers: [{ targets: [named(...addresses)] }, {}] });
}

/** As many gateways as the bench has peers: the second one is only there to be rung. */
function onlyFirst(bench: PodsBench): void {
  bench.route = () => Promise.resolve(routedTo(bench.candidates.slice(0, 1)));
}

test('CALL-02 a call to a name goes to its first address, with the name in the Request-URI', async () => {
  const bench = await benchOf(...HERE);
  onlyFirst(bench);
  const a = bench.call();
  const b = await bench.incoming();
  assert.equal(b.invite.uri, NAME);
  assert.equal(b.invite.headers.get('To'), `<${NAME}>`);
  await complete(bench, a, b);
  await assertClean(bench, ANSWERED);
});

for (const step of [
  'after-write-ahead',
  'after-invite',
  'after-provisional',
  'after-answer',
] as const) {
  test(`CALL-02 CALL-06 a call to a name outlives a pod that dies ${step}, at the same addresses`, async () => {
    const bench = await benchOf(...HERE);
    onlyFirst(bench);
    bench.killAt(step);
    const a = bench.call();
    const b = await bench.incoming();
    b.ring();
    await complete(bench, a, b);
    assert.equal(bench.invitesAt(0), 1);
    assert.equal(bench.invitesAt(1), 0);
    await assertClean(bench, ANSWERED);
  });
}

test('CALL-02 CALL-06 the adopter goes on with the next address of the name that the dead pod was told', async () => {
  const bench = await benchOf('10.0.1.9:5070', HERE[1] ?? '');
  onlyFirst(bench);
  bench.killAt('after-invite');
  const a = bench.call();
  const b = await bench.incoming(1);
  assert.equal(b.invite.uri, NAME);
  await complete(bench, a, b);
  const attempts = bench.events.at(-1)?.attempts.map(({ address, code }) => [address, code]);
  assert.deepEqual(attempts, [
    ['10.0.1.9:5070', 408],
    ['10.0.1.2:5070', 200],
  ]);
  await assertClean(bench, ANSWERED);
});

test('CALL-02 CALL-03 a server of a name that is silent is left after the INVITE timer', async () => {
  const bench = await benchOf('10.0.1.9:5070', HERE[1] ?? '');
  onlyFirst(bench);
  const startMs = bench.clock.now();
  const a = bench.call();
  const b = await bench.incoming(1);
  const waitedMs = bench.clock.now() - startMs;
  assert.ok(waitedMs >= 10_000 && waitedMs < 11_500, String(waitedMs));
  b.answer();
  await bench.until(a.answered());
  await bench.until(b.ack());
  await hangUp(bench, a, b);
  await assertClean(bench, ANSWERED);
});

test('CALL-02 a server of a name that answers 503 is left for the next one (RFC 3263 §4.3)', async () => {
  const bench = await benchOf(...HERE);
  onlyFirst(bench);
  const a = bench.call();
  const first = await bench.incoming();
  first.refuse(503);
  const b = await bench.incoming(1);
  assert.equal(b.invite.uri, NAME);
  assert.notEqual(b.invite.headers.get('Via'), first.invite.headers.get('Via'));
  b.answer();
  await bench.until(a.answered());
  await bench.until(b.ack());
  await hangUp(bench, a, b);
  assert.equal(bench.carrierAt(0).transcript.count('received', 'ACK'), 1);
  const attempts = bench.events.at(-1)?.attempts.map(({ address, code }) => [address, code]);
  assert.deepEqual(attempts, [
    ['10.0.1.1:5070', 503],
    ['10.0.1.2:5070', 200],
  ]);
  await assertClean(bench, ANSWERED);
});

test('CALL-02 ROUTE-06 what one server of a name asks for with its 503 is its own, what the last one asks for the gateway’s', async () => {
  for (const [last, rests] of [
    [undefined, []],
    ['90', [90]],
  ] as const) {
    const bench = new EdgeBench({ carriers: [{ targets: [named(...HERE)] }, {}] });
    bench.route = () => Promise.resolve(routedTo(bench.candidates.slice(0, 1)));
    const a = bench.call();
    (await bench.incoming(0)).refuse(503, { headers: { 'Retry-After': '120' } });
    const headers: Record<string, string> = last === undefined ? {} : { 'Retry-After': last };
    (await bench.incoming(1)).refuse(503, { headers });
    const final = await bench.until(a.final());
    assert.deepEqual([final.status, final.headers.get('Retry-After')], [500, undefined]);
    assert.deepEqual(
      bench.asked.rest.map(({ seconds }) => seconds),
      rests,
    );
    await bench.close();
  }
});

test('CALL-02 the last server’s 503 is the gateway’s, and a busy callee is no failed server', async () => {
  for (const [status, heard] of [
    [503, 1],
    [486, 0],
  ] as const) {
    const bench = await benchOf(...HERE);
    onlyFirst(bench);
    const a = bench.call();
    (await bench.incoming()).refuse(status);
    if (heard === 1) (await bench.incoming(1)).refuse(503);
    await bench.until(a.final());
    await bench.settle();
    assert.equal(bench.invitesAt(1), heard);
    await bench.close();
  }
});

test('CALL-02 addresses of an IP version that nobody listens for are passed over, without an attempt', async () => {
  const bench = await benchOf('[2001:db8::1]:5070', HERE[0] ?? '');
  onlyFirst(bench);
  const a = bench.call();
  const b = await bench.incoming();
  await complete(bench, a, b);
  assert.equal(bench.events.at(-1)?.attempts.length, 1);
  await assertClean(bench, ANSWERED);
});
