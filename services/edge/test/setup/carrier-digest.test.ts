import assert from 'node:assert/strict';
import test from 'node:test';
import { fromWire, ha1, parseCredentials, verifyCredentials } from '@tandem/sip';
import { EdgeBench } from '../support/edge-bench.ts';

const credentials = { username: 'tandem', password: 'carrier-secret' };
const options = { carriers: [credentials] };

for (const status of [401, 407] as const) {
  test(`AUTH-11 a carrier’s ${String(status)} is answered with the gateway’s password in the header that matches`, async () => {
    const bench = new EdgeBench(options);
    const a = bench.call();
    (await bench.incoming()).challenge({ status });
    const b = await bench.incoming();
    assert.ok(b.proves(credentials));
    const header = status === 401 ? 'Authorization' : 'Proxy-Authorization';
    assert.ok(b.invite.headers.has(header));
    assert.equal(b.invite.headers.get('CSeq'), '2 INVITE');
    b.ring();
    await bench.until(a.provisional(180));
    b.answer();
    const answer = await bench.until(a.answered());
    assert.equal(answer.headers.get('CSeq'), '1 INVITE');
    const ack = await bench.until(b.ack());
    assert.equal(ack.headers.get('CSeq'), '2 ACK');
    assert.equal(bench.carrier.transcript.count('received', 'INVITE'), 2);
    assert.deepEqual(
      bench.events[0]?.attempts.map(({ gateway, code }) => [gateway, code]),
      [['carrier-a', 200]],
    );
    const bye = a.bye();
    const hungUp = await bench.until(b.receive('BYE'));
    assert.equal(hungUp.request.headers.get('CSeq'), '3 BYE');
    hungUp.respond(200);
    assert.equal((await bench.until(bye)).headers.get('CSeq'), '2 BYE');
    await bench.close();
  });
}

test('AUTH-11 T2-06 two hops that challenge get a third INVITE with both credentials, and so does the ACK', async () => {
  const bench = new EdgeBench(options);
  const a = bench.call();
  (await bench.incoming()).challenge({ status: 407, realm: 'one' });
  const second = await bench.incoming();
  assert.ok(second.invite.headers.has('Proxy-Authorization'));
  second.challenge({ status: 401, realm: 'two' });
  const b = await bench.incoming();
  assert.ok(b.proves(credentials));
  const { headers } = b.invite;
  assert.match(headers.get('Proxy-Authorization') ?? '', /realm="one".*nc=00000002/);
  assert.match(headers.get('Authorization') ?? '', /realm="two".*nc=00000001/);
  assert.equal(headers.get('CSeq'), '3 INVITE');
  b.answer();
  await bench.until(a.answered());
  const ack = await bench.until(b.ack());
  for (const name of ['Authorization', 'Proxy-Authorization']) {
    assert.equal(ack.headers.get(name), headers.get(name));
  }
  const bye = a.bye();
  const hungUp = await bench.until(b.receive('BYE'));
  assert.equal(hungUp.request.headers.get('CSeq'), '4 BYE');
  hungUp.respond(200);
  await bench.until(bye);
  await bench.close();
});

test('AUTH-11 a stale nonce is answered again', async () => {
  const bench = new EdgeBench(options);
  const a = bench.call();
  (await bench.incoming()).challenge({ status: 407 });
  (await bench.incoming()).challenge({ status: 407, stale: true });
  const b = await bench.incoming();
  assert.ok(b.proves(credentials));
  assert.equal(b.invite.headers.get('CSeq'), '3 INVITE');
  b.answer();
  await bench.until(a.answered());
  await bench.until(b.ack());
  await bench.close();
});

test('AUTH-11 a nonce that is stale for ever ends after three answers, not in a loop', async () => {
  const bench = new EdgeBench(options);
  const a = bench.call();
  for (let round = 0; round < 4; round++) {
    (await bench.incoming()).challenge({ status: 407, stale: round > 0 });
  }
  assert.equal((await bench.until(a.final())).status, 502);
  await bench.settle();
  assert.equal(bench.carrier.transcript.count('received', 'INVITE'), 4);
  await bench.close();
});

test('AUTH-11 a wrong password is one refusal: the next gateway is tried, the caller never sees the 407', async () => {
  const bench = new EdgeBench({ carriers: [credentials, {}] });
  const a = bench.call();
  (await bench.incoming()).challenge({ status: 407 });
  const again = await bench.incoming();
  assert.ok(!again.proves({ ...credentials, password: 'the right one' }));
  again.challenge({ status: 407 });
  const second = await bench.incoming(1);
  second.refuse(486);
  assert.equal((await bench.until(a.final())).status, 486);
  assert.equal(bench.carrier.transcript.count('received', 'INVITE'), 2);
  assert.equal(bench.events[0]?.attempts[0]?.reason, 'BadGateway');
  assert.match(bench.events[0].attempts[0].text, /refused our username or password/);
  assert.ok(!JSON.stringify(bench.events).includes(credentials.password));
  await bench.close();
});

test('AUTH-11 a gateway without credentials, or with a challenge nobody understands, is 502', async () => {
  const plain = new EdgeBench({ carriers: [{}] });
  const a = plain.call();
  (await plain.incoming()).challenge({ status: 401 });
  assert.equal((await plain.until(a.final())).status, 502);
  assert.equal(plain.carrier.transcript.count('received', 'INVITE'), 1);
  await plain.close();

  const odd = new EdgeBench(options);
  const other = odd.call();
  (await odd.incoming()).refuse(401, { headers: { 'WWW-Authenticate': ['Negotiate', '=,='] } });
  assert.equal((await odd.until(other.final())).status, 502);
  await odd.close();
});

test('AUTH-11 auth-int is answered over the body that was sent', async () => {
  const bench = new EdgeBench(options);
  const a = bench.call();
  (await bench.incoming()).challenge({ status: 401, qop: ['auth-int'], algorithm: 'SHA-256' });
  const b = await bench.incoming();
  assert.match(b.invite.headers.get('Authorization') ?? '', /qop=auth-int/);
  assert.ok(b.proves(credentials));
  b.refuse(486);
  assert.equal((await bench.until(a.final())).status, 486);
  await bench.close();
});

test('DENY-17 a cancel between challenge and answer ends the call', async () => {
  const bench = new EdgeBench(options);
  const a = bench.call();
  const first = await bench.incoming();
  first.challenge({ status: 407 });
  const b = await bench.incoming();
  b.ring();
  await bench.until(a.provisional(180));
  await bench.until(a.cancel());
  assert.equal((await bench.until(a.final())).status, 487);
  await bench.until(b.cancelled());
  assert.equal(bench.carrier.transcript.count('received', 'CANCEL'), 1);
  await bench.close();
});

for (const username of ['4412345@sip.carrier.example', 'the "big" \\ one', 'Zweigstelle Köln']) {
  test(`AUTH-11 T2-31 a carrier gets ${username} as it is configured`, async () => {
    const odd = { username, password: `"${username}"` };
    const bench = new EdgeBench({ carriers: [odd] });
    const a = bench.call();
    (await bench.incoming()).challenge({ status: 407 });
    const b = await bench.incoming();
    const value = b.invite.headers.get('Proxy-Authorization') ?? '';
    const given = parseCredentials(value);
    assert.equal(fromWire(given.username), username);
    const secret = ha1('MD5', username, given.realm, odd.password);
    assert.ok(verifyCredentials({ credentials: given, ha1: secret, method: 'INVITE' }));
    b.answer();
    await bench.until(a.answered());
    await bench.until(b.ack());
    await bench.close();
  });
}
