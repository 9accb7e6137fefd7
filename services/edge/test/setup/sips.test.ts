import assert from 'node:assert/strict';
import test from 'node:test';
import { AnswerTerms } from '@tandem/proto/routing';
import { parseNameAddr } from '@tandem/sip';
import type { SipMessage, TransportName } from '@tandem/sip';
import { unrouted } from '../support/call-samples.ts';
import { EdgeBench } from '../support/edge-bench.ts';
import { RawPeer } from '../regression/raw-peer.ts';

const SECURE = { uri: 'sips:442079460000@10.0.1.77:5070', transport: 'tls' } as const;
const ADDRESS = '10.0.1.77:5070';

/** A caller over one transport, and a carrier over TLS that routing has called by a sips URI. */
function rig(transport?: TransportName) {
  const target = { ...SECURE, addresses: [ADDRESS], flow: '', path: [] };
  const answers = AnswerTerms.fromPartial({ redirects: 'follow' });
  const bench = new EdgeBench({
    carriers: [{ addresses: [ADDRESS], transport: 'tls', targets: [target], answers }],
  });
  const at = { address: '10.0.0.77', port: 5077, ...(transport && { transport }) };
  const a = new RawPeer(bench, at);
  const b = new RawPeer(bench, { address: '10.0.1.77', port: 5070, transport: 'tls' });
  return { bench, a, b };
}

function request(
  method: string,
  parts: { uri?: string; contact?: string; to?: string; cseq?: number } = {},
): string[] {
  const { uri = 'sips:442079460000@10.0.0.1', contact = 'sips:1001@10.0.0.77:5077' } = parts;
  const { to = '<sips:442079460000@10.0.0.1>', cseq = 7 } = parts;
  return [
    `${method} ${uri} SIP/2.0`,
    `Via: SIP/2.0/TLS 10.0.0.77:5077;branch=z9hG4bK${method}${String(cseq)}`,
    'Max-Forwards: 70',
    'From: <sips:1001@10.0.0.77>;tag=caller',
    `To: ${to}`,
    'Call-ID: sips@10.0.0.77',
    `CSeq: ${String(cseq)} ${method}`,
    `Contact: <${contact}>`,
  ];
}

function contactOf(message: SipMessage): string {
  return parseNameAddr(message.headers.get('Contact') ?? '').uri;
}

function only<T>(list: readonly T[]): T {
  assert.equal(list.length, 1);
  return list[0] as T;
}

const OURS = /^sips:[\w-]+@10\.0\.0\.1:5060$/;

test('CALL-02 a call to a sips URI over TLS has sips URIs and Contacts on both legs, also where it is refreshed', async () => {
  const { bench, a, b } = rig('tls');
  await a.send(...request('INVITE'));
  assert.deepEqual(
    bench.asked.route.map(({ callee, isSips }) => [callee, isSips]),
    [['442079460000', true]],
  );
  const invite = only(b.requests('INVITE'));
  assert.equal(invite.uri, SECURE.uri);
  assert.equal(invite.headers.get('To'), `<${SECURE.uri}>`);
  assert.match(contactOf(invite), OURS);
  const tagged = `To: ${invite.headers.get('To') ?? ''};tag=b`;
  await b.answer(invite, '200 OK', tagged, 'Contact: <sips:gw@10.0.1.77:5070>');
  const ok = only(a.responses(200));
  assert.match(contactOf(ok), OURS);
  const dialog = { uri: contactOf(ok), to: ok.headers.get('To') ?? '' };
  await a.send(...request('ACK', dialog));
  assert.equal(only(b.requests('ACK')).uri, 'sips:gw@10.0.1.77:5070');

  a.received.length = 0;
  b.received.length = 0;
  await a.send(...request('INVITE', { ...dialog, cseq: 8 }));
  const refresh = only(b.requests('INVITE'));
  assert.match(contactOf(refresh), OURS);
  await b.answer(refresh, '200 OK', 'Contact: <sips:gw@10.0.1.77:5070>');
  const refreshed = only(a.responses(200));
  assert.match(contactOf(refreshed), OURS);
  await a.send(...request('ACK', { ...dialog, uri: contactOf(refreshed), cseq: 8 }));
  await a.send(...request('BYE', { ...dialog, uri: contactOf(refreshed), cseq: 9 }));
  await b.answer(only(b.requests('BYE')), '200 OK');
  await bench.settle();
  assert.deepEqual(bench.told, ['answered', 'ended NormalClearing 200 caller']);
  await bench.close();
});

test('CALL-02 over wss a sips Contact of ours names ws (RFC 7118 §5.3)', async () => {
  const { bench, a, b } = rig('wss');
  await a.send(...request('INVITE'));
  const invite = only(b.requests('INVITE'));
  const tagged = `To: ${invite.headers.get('To') ?? ''};tag=b`;
  await b.answer(invite, '180 Ringing', tagged, 'Contact: <sips:gw@10.0.1.77:5070>');
  assert.match(contactOf(only(a.responses(180))), /^sips:[\w-]+@10\.0\.0\.1:5060;transport=ws$/);
  await b.answer(invite, '486 Busy Here', tagged);
  await bench.settle();
  await bench.close();
});

test('CALL-02 a sips URI over a transport that is not secure is 416, and one with a sip Contact 400: nobody is called', async () => {
  for (const transport of [undefined, 'tcp', 'ws'] as const) {
    const { bench, a, b } = rig(transport);
    await a.send(...request('INVITE'));
    const refused = only(a.responses(416));
    assert.equal(
      refused.headers.get('Warning'),
      '399 10.0.0.1 "sips URIs are not served over a transport that is not secure"',
    );
    assert.equal(b.received.length, 0);
    await bench.close();
  }
  const { bench, a, b } = rig('tls');
  await a.send(...request('INVITE', { contact: 'sip:1001@10.0.0.77:5077' }));
  only(a.responses(400));
  assert.equal(b.received.length, 0);
  await bench.close();
});

test('CALL-02 where nobody is reached by a sips URI the answer is 480 with Warning 380 (RFC 5630 §5.3)', async () => {
  const { bench, a } = rig('tls');
  bench.route = () => Promise.resolve(unrouted('SipsNotAllowed', 0));
  await a.send(...request('INVITE'));
  const refused = only(a.responses(480));
  assert.equal(refused.headers.get('Warning'), '380 10.0.0.1 "SIPS Not Allowed"');
  await bench.settle();
  assert.deepEqual(bench.told, ['ended SipsNotAllowed 480 switch']);
  await bench.close();
});

test('CALL-02 a call to a sips URI follows no redirection to a sip URI (RFC 5630 §5.3)', async () => {
  const { bench, a, b } = rig('tls');
  await a.send(...request('INVITE'));
  const tagged = `To: <${SECURE.uri}>;tag=b`;
  const contact = 'Contact: <sip:442079460999@10.0.1.77:5070;transport=tls>';
  await b.answer(only(b.requests('INVITE')), '302 Moved', tagged, contact);
  await bench.settle();
  only(b.requests('INVITE'));
  const decision = bench.events[0]?.decisions.find(({ check }) => check === 'redirect');
  assert.ok(decision?.facts.some(({ value }) => value === 'it is no sips URI, and one was called'));
  await bench.close();
});
