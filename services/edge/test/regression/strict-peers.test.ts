import assert from 'node:assert/strict';
import test from 'node:test';
import { parseNameAddr, to } from '@tandem/sip';
import { EdgeBench } from '../support/edge-bench.ts';
import { RawPeer } from './raw-peer.ts';

const CARRIER = { address: '10.0.1.77', port: 5070 };
const CALLER = { address: '10.0.0.77', port: 5077 };

interface Rig {
  readonly bench: EdgeBench;
  readonly a: RawPeer;
  readonly b: RawPeer;
}

function rig(): Rig {
  const bench = new EdgeBench({ carriers: [{ addresses: ['10.0.1.77:5070'] }] });
  return { bench, a: new RawPeer(bench, CALLER), b: new RawPeer(bench, CARRIER) };
}

/** A request of the caller, complete but for what a test adds. */
function request(
  method: string,
  parts: { uri?: string; via?: string; toTag?: string } = {},
): string[] {
  const { uri = 'sip:442079460000@10.0.0.1', via = '10.0.0.77:5077;branch=z9hG4bK1' } = parts;
  return [
    `${method} ${uri} SIP/2.0`,
    `Via: SIP/2.0/UDP ${via}`,
    'Max-Forwards: 70',
    'From: <sip:1001@10.0.0.77>;tag=caller',
    `To: <sip:442079460000@10.0.0.1>${parts.toTag === undefined ? '' : `;tag=${parts.toTag}`}`,
    'Call-ID: strict@10.0.0.77',
    `CSeq: 7 ${method}`,
    'Contact: <sip:1001@10.0.0.77:5077>',
  ];
}

const only = <T>(list: readonly T[]): T => {
  assert.equal(list.length, 1);
  return list[0] as T;
};

/** The caller's INVITE, as it reaches the carrier. */
async function invited({ a, b }: Rig): Promise<ReturnType<RawPeer['requests']>[number]> {
  await a.send(...request('INVITE'));
  return only(b.requests('INVITE'));
}

test('CALL-02 a repeated request gets the same answer, To tag and all, though nothing is remembered', async () => {
  const { bench, a } = rig();
  for (const method of ['OPTIONS', 'REGISTER', 'BYE', 'BREW']) {
    a.received.length = 0;
    await a.send(...request(method));
    await a.send(...request(method));
    const [first, second] = a.received;
    assert.equal(a.received.length, 2);
    assert.ok(first !== undefined && second !== undefined && to(first).tag !== undefined);
    assert.equal(to(first).tag, to(second).tag, method);
  }
  await bench.close();
});

test('CALL-02 OPTIONS is told what an INVITE would be taken with', async () => {
  const { bench, a } = rig();
  await a.send(...request('OPTIONS'));
  const { headers } = only(a.responses(200));
  assert.equal(headers.get('Accept'), 'application/sdp');
  assert.ok(headers.list('Supported').includes('100rel'));
  await bench.close();
});

test('CALL-07 an answer goes to the socket, whatever port the Via names', async () => {
  const { bench, a } = rig();
  for (const port of ['0', '1', '65535']) {
    a.received.length = 0;
    await a.send(...request('OPTIONS', { via: `phone.example:${port};branch=z9hG4bK1` }));
    only(a.responses(200));
  }
  await bench.close();
});

test('CALL-02 a sips URI is 416: UDP cannot keep what it promises', async () => {
  const { bench, a, b } = rig();
  await a.send(...request('INVITE', { uri: 'sips:442079460000@10.0.0.1' }));
  only(a.responses(416));
  assert.equal(b.received.length, 0);
  await bench.close();
});

test('CALL-02 an INVITE that comes by two ways is one call and one 482', async () => {
  const { bench, a, b } = rig();
  const invite = await invited({ bench, a, b });
  await a.send(...request('INVITE', { via: '10.0.0.77:5077;branch=z9hG4bK2' }));
  only(a.responses(482));
  only(b.requests('INVITE'));
  await b.answer(invite, '486 Busy Here', `To: ${invite.headers.get('To') ?? ''};tag=b`);
  only(a.responses(486));
  // The first is over: the caller may try again.
  await a.send(...request('INVITE', { via: '10.0.0.77:5077;branch=z9hG4bK3' }));
  assert.equal(b.requests('INVITE').length, 2);
  await bench.close();
});

test('CALL-02 the 200 to a CANCEL has the To tag of the INVITE’s answers', async () => {
  const { bench, a, b } = rig();
  const invite = await invited({ bench, a, b });
  await b.answer(invite, '180 Ringing', `To: ${invite.headers.get('To') ?? ''};tag=b`);
  await a.send(...request('CANCEL'));
  const tags = [180, 200, 487].map((status) => to(only(a.responses(status))).tag);
  assert.equal(new Set(tags).size, 1);
  await bench.close();
});

test('CALL-02 a carrier that gives no To tag is still reached by ACK and BYE', async () => {
  const { bench, a, b } = rig();
  const invite = await invited({ bench, a, b });
  await b.answer(invite, '180 Ringing');
  assert.ok(only(a.responses(180)).headers.has('Contact'));
  await b.answer(invite, '200 OK', 'Contact: <sip:gw@10.0.1.77:5070>');
  const answer = only(a.responses(200));
  const uri = parseNameAddr(answer.headers.get('Contact') ?? '').uri;
  const toTag = to(answer).tag ?? '';
  for (const method of ['ACK', 'BYE']) {
    await a.send(...request(method, { uri, toTag, via: `10.0.0.77:5077;branch=z9hG4bK${method}` }));
    assert.equal(only(b.requests(method)).uri, 'sip:gw@10.0.1.77:5070');
  }
  await bench.close();
});

for (const [where, header] of [
  ['the Contact of its answer', 'Contact: <sip:gw@10.0.1.99:5099>'],
  ['its first proxy', 'Record-Route: <sip:10.0.1.99:5099;lr>'],
] as const) {
  test(`CALL-02 the callee may hang up from the address of ${where}, and from no other`, async () => {
    const { bench, a, b } = rig();
    const invite = await invited({ bench, a, b });
    const tagged = `${invite.headers.get('To') ?? ''};tag=b`;
    await b.answer(invite, '200 OK', `To: ${tagged}`, header);
    const bye = [
      `BYE ${parseNameAddr(invite.headers.get('Contact') ?? '').uri} SIP/2.0`,
      'Via: SIP/2.0/UDP gw.example;branch=z9hG4bKbye;rport',
      'Max-Forwards: 70',
      `From: ${tagged}`,
      `To: ${invite.headers.get('From') ?? ''}`,
      `Call-ID: ${invite.headers.get('Call-ID') ?? ''}`,
      'CSeq: 1 BYE',
    ];
    const stranger = new RawPeer(bench, { address: '10.6.6.6', port: 5070 });
    await stranger.send(...bye);
    only(stranger.responses(403));
    assert.equal(a.requests('BYE').length, 0);
    const elsewhere = new RawPeer(bench, { address: '10.0.1.99', port: 5099 });
    await elsewhere.send(...bye);
    assert.equal(only(a.requests('BYE')).headers.get('Call-ID'), 'strict@10.0.0.77');
    await bench.close();
  });
}

test('CALL-01 a challenge within the dialog does not reach the other side, not even empty', async () => {
  const { bench, a, b } = rig();
  const invite = await invited({ bench, a, b });
  const tagged = `To: ${invite.headers.get('To') ?? ''};tag=b`;
  await b.answer(invite, '200 OK', tagged, 'Contact: <sip:gw@10.0.1.77:5070>');
  const answer = only(a.responses(200));
  const uri = parseNameAddr(answer.headers.get('Contact') ?? '').uri;
  const parts = { uri, toTag: to(answer).tag ?? '', via: '10.0.0.77:5077;branch=z9hG4bKinfo' };
  await a.send(...request('INFO', parts));
  const challenge = 'WWW-Authenticate: Digest realm="secret.example", nonce="1"';
  await b.answer(only(b.requests('INFO')), '401 Unauthorized', challenge);
  const refused = only(a.responses(403));
  assert.ok(!refused.headers.has('WWW-Authenticate'));
  await bench.close();
});

test('CALL-10 more Vias than fit into our branch are 513, not a request whose answer is lost', async () => {
  const { bench, a, b } = rig();
  const invite = await invited({ bench, a, b });
  const tagged = `To: ${invite.headers.get('To') ?? ''};tag=b`;
  await b.answer(invite, '200 OK', tagged, 'Contact: <sip:gw@10.0.1.77:5070>');
  const answer = only(a.responses(200));
  const uri = parseNameAddr(answer.headers.get('Contact') ?? '').uri;
  const vias = Array.from(
    { length: 99 },
    () => `Via: SIP/2.0/UDP h;branch=z9hG4bK${'x'.repeat(80)}`,
  );
  await a.send(...request('INFO', { uri, toTag: to(answer).tag ?? '' }), ...vias);
  only(a.responses(513));
  assert.equal(b.requests('INFO').length, 0);
  await bench.close();
});

test('CALL-10 a CANCEL from another address than the INVITE’s is 481 and changes nothing', async () => {
  const { bench, a, b } = rig();
  await invited({ bench, a, b });
  const stranger = new RawPeer(bench, { address: '10.6.6.6', port: 5077 });
  await stranger.send(...request('CANCEL'));
  only(stranger.responses(481));
  assert.equal(a.responses(487).length, 0);
  await a.send(...request('CANCEL'));
  only(a.responses(487));
  await bench.close();
});

test('AUTH-11 the ACK of a 2xx repeats the credentials of its INVITE', async () => {
  const bench = new EdgeBench({ carriers: [{ username: 'tandem', password: 'secret' }] });
  const a = bench.call();
  (await bench.incoming()).challenge();
  const b = await bench.incoming();
  b.answer();
  await bench.until(a.answered());
  const ack = await bench.until(b.ack());
  const proof =
    b.invite.headers.get('Authorization') ?? b.invite.headers.get('Proxy-Authorization');
  assert.ok(proof !== undefined);
  const repeated = ack.headers.get('Authorization') ?? ack.headers.get('Proxy-Authorization');
  assert.equal(repeated, proof);
  const bye = a.bye();
  const incoming = await bench.until(b.receive('BYE'));
  assert.ok(!incoming.request.headers.has('Authorization'));
  incoming.respond(200);
  await bench.until(bye);
  await bench.close();
});

test('CALL-04 the ACK of the callee’s refused re-INVITE meets it, though its number is the first INVITE’s', async () => {
  const { bench, a, b } = rig();
  const invite = await invited({ bench, a, b });
  const tagged = `${invite.headers.get('To') ?? ''};tag=b`;
  const contact = 'Contact: <sip:gw@10.0.1.77:5070>';
  await b.answer(invite, '200 OK', `To: ${tagged}`, contact);
  const reinvite = (method: string): string[] => [
    `${method} ${parseNameAddr(invite.headers.get('Contact') ?? '').uri} SIP/2.0`,
    'Via: SIP/2.0/UDP 10.0.1.77:5070;branch=z9hG4bKre',
    'Max-Forwards: 70',
    `From: ${tagged}`,
    `To: ${invite.headers.get('From') ?? ''}`,
    `Call-ID: ${invite.headers.get('Call-ID') ?? ''}`,
    `CSeq: 7 ${method}`,
    contact,
  ];
  await b.send(...reinvite('INVITE'));
  const relayed = only(a.requests('INVITE'));
  await a.answer(relayed, '488 Not Acceptable Here');
  only(b.responses(488));
  await b.send(...reinvite('ACK'));
  assert.equal(only(a.requests('ACK')).headers.get('Via'), relayed.headers.get('Via'));
  await bench.close();
});
