import assert from 'node:assert/strict';
import test from 'node:test';
import { identityTermsOf } from '@tandem/domain';
import { AnswerTerms, CandidateIdentity, DialogTerms } from '@tandem/proto/routing';
import { EDGE, EdgeBench } from '../support/edge-bench.ts';
import { TestSigner } from '../support/test-signer.ts';

const trusted = identityTermsOf({ trusted: true, uri: 'sip', userPhone: false });
const NUMBER = '+441632960123';
const dialog = DialogTerms.fromPartial({ identityB: trusted });
const answers = AnswerTerms.fromPartial({ redirects: 'follow' });
const signature = {
  attestation: 'A',
  because: 'a number of its account',
  certificate: 'main',
  x5u: 'https://certificates.example.org/main.pem',
  origid: 'o-1',
  number: NUMBER,
};
const identity = CandidateIdentity.fromPartial({ asserted: NUMBER, signature });

/** Two addresses, of which the first sends all calls to the second. */
function redirecting(): { bench: EdgeBench; signer: TestSigner } {
  const bench = new EdgeBench({ carriers: [{ answers, dialog, identity }, {}] });
  const signer = new TestSigner(bench.clock);
  const server = bench.addPod({ signer });
  bench.pick = () => server;
  return { bench, signer };
}

const elsewhere = { headers: { Contact: '<sip:442079460999@10.0.1.2:5070>' } };

test('CALL-12 ROUTE-06 a place that a gateway has named gets the number and a signature for its own', async () => {
  const { bench, signer } = redirecting();
  const a = bench.call();
  const first = await bench.incoming(0);
  assert.ok(first.invite.headers.has('Identity'));
  first.refuse(302, elsewhere);
  const there = await bench.incoming(1);
  assert.equal(there.invite.headers.get('P-Asserted-Identity'), `<sip:${NUMBER}@10.0.0.1>`);
  assert.ok(there.invite.headers.has('Identity'));
  assert.deepEqual(
    signer.asked.map(({ callee }) => callee),
    ['442079460000', '442079460999'],
  );
  there.answer();
  await bench.until(a.answered());
  await bench.close();
});

test('CALL-12 ROUTE-06 a place that a trusted gateway has named does not get what the caller withholds', async () => {
  const { bench, signer } = redirecting();
  const a = bench.call({ headers: { Privacy: 'id' } });
  const first = await bench.incoming(0);
  assert.ok(first.invite.headers.has('P-Asserted-Identity'));
  first.refuse(302, elsewhere);
  const there = await bench.incoming(1);
  assert.ok(!there.invite.headers.has('P-Asserted-Identity'));
  assert.ok(!there.invite.headers.has('Identity'));
  assert.equal(signer.asked.length, 1);
  there.answer();
  await bench.until(a.answered());
  await bench.close();
});

test('CALL-12 ROUTE-06 privacy that is critical is not left to a place that a gateway has named', async () => {
  const bench = new EdgeBench({ carriers: [{ answers, dialog, identity }] });
  const a = bench.call({ headers: { Privacy: 'session;critical' } });
  (await bench.incoming(0)).refuse(302, elsewhere);
  const refused = await bench.until(a.final());
  assert.equal(refused.status, 502);
  const [failed] = bench.events;
  const told = failed?.decisions.filter(({ check }) => check === 'redirect') ?? [];
  assert.match(told[0]?.facts.at(-1)?.value ?? '', /only trusted gateways/);
  await bench.close();
});

/** A MESSAGE of a caller who withholds all. */
function messageText(headers: readonly string[]): Buffer {
  const head = [
    `MESSAGE sip:442079460000@${EDGE.address} SIP/2.0`,
    'Via: SIP/2.0/UDP 10.0.0.2:5062;branch=z9hG4bKm1',
    'From: "Alice" <sip:1001@office.example>;tag=a1',
    'To: <sip:442079460000@office.example>',
    'Call-ID: m1@office.example',
    'CSeq: 1 MESSAGE',
    ...headers,
    'Content-Length: 0',
    '',
    '',
  ];
  return Buffer.from(head.join('\r\n'));
}

test('CALL-12 CALL-04 who sends a MESSAGE is told and withheld as with a call', async () => {
  const anonymous = 'Anonymous <sip:anonymous@anonymous.invalid>;tag=a1';
  for (const [side, from, asserted] of [
    [dialog, 'Alice <sip:442070000000@10.0.0.1>;tag=a1', `<sip:${NUMBER}@10.0.0.1>`],
    [DialogTerms.fromPartial({}), anonymous, undefined],
  ] as const) {
    const bench = new EdgeBench({ carriers: [{ dialog: side, identity }] });
    const server = bench.addPod({ relaysMessages: true });
    bench.pick = () => server;
    bench.alice.sendRaw(messageText(['Privacy: user', 'Subject: lunch']), EDGE);
    const { request } = await bench.until(bench.carrier.receive('MESSAGE'));
    assert.equal(request.headers.get('From'), from);
    assert.equal(request.headers.get('P-Asserted-Identity'), asserted);
    assert.equal(request.headers.has('Subject'), asserted !== undefined);
    assert.equal(request.headers.get('Identity'), undefined);
    assert.deepEqual(bench.asked.route[0]?.identity?.privacy, 'user');
    await bench.close();
  }
});
