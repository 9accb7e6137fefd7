import assert from 'node:assert/strict';
import test from 'node:test';
import { identityTermsOf } from '@tandem/domain';
import { DialogTerms } from '@tandem/proto/routing';
import { EdgeBench } from '../support/edge-bench.ts';

const trusted = identityTermsOf({ trusted: true, uri: 'sip', userPhone: false });
const BOB = '"Bob" <sip:+442079460000@carrier.example>';
const MOVED = '<sip:+442079460999@carrier.example>';

function benchOf(identityA: number, identityB: number): EdgeBench {
  return new EdgeBench({
    carriers: [{ dialog: DialogTerms.fromPartial({ identityA, identityB }) }],
  });
}

test('CALL-12 who was reached is told in 180 and 200, and who is there now in re-INVITE and UPDATE', async () => {
  const bench = benchOf(trusted, trusted);
  const a = bench.call();
  const b = await bench.incoming();
  b.ring(180, { headers: { 'P-Asserted-Identity': BOB } });
  const ringing = await bench.until(a.provisional(180));
  assert.equal(ringing.headers.get('P-Asserted-Identity'), 'Bob <sip:+442079460000@10.0.0.1>');
  b.answer(undefined, { headers: { 'P-Asserted-Identity': MOVED, Privacy: 'id' } });
  const answered = await bench.until(a.answered());
  assert.equal(answered.headers.get('P-Asserted-Identity'), '<sip:+442079460999@10.0.0.1>');
  assert.equal(answered.headers.get('Privacy'), 'id');
  await bench.until(b.ack());
  const update = b.request('UPDATE', { headers: { 'P-Asserted-Identity': BOB } });
  const heard = await bench.until(a.receive('UPDATE'));
  assert.equal(
    heard.request.headers.get('P-Asserted-Identity'),
    'Bob <sip:+442079460000@10.0.0.1>',
  );
  heard.respond(200, { headers: { 'P-Asserted-Identity': '<tel:+441632960123>' } });
  const confirmed = await bench.until(update);
  assert.equal(confirmed.headers.get('P-Asserted-Identity'), '<sip:+441632960123@10.0.0.1>');
  await bench.close();
});

test('CALL-12 a side that is not trusted is told nothing, and is not believed', async () => {
  for (const [a, b] of [
    [0, trusted],
    [trusted, 0],
    [0, 0],
  ] as const) {
    const bench = benchOf(a, b);
    const call = bench.call();
    const carrier = await bench.incoming();
    carrier.answer(undefined, { headers: { 'P-Asserted-Identity': BOB, Privacy: 'id' } });
    const answered = await bench.until(call.answered());
    assert.ok(!answered.headers.has('P-Asserted-Identity'));
    assert.ok(!answered.headers.has('Privacy'));
    await bench.close();
  }
});

test('CALL-06 what the sides are told in a dialog survives their pod, which the tokens outlive', async () => {
  const bench = benchOf(trusted, trusted);
  const { a, b } = await bench.answeredCall();
  const other = bench.addPod();
  bench.pick = () => other;
  const update = b.request('UPDATE', { headers: { 'P-Asserted-Identity': BOB } });
  const heard = await bench.until(a.receive('UPDATE'));
  assert.equal(
    heard.request.headers.get('P-Asserted-Identity'),
    'Bob <sip:+442079460000@10.0.0.1>',
  );
  heard.respond(200);
  await bench.until(update);
  await bench.close();
});
