import assert from 'node:assert/strict';
import test from 'node:test';
import type { TestContext } from 'node:test';
import { cseq } from '@tandem/sip';
import { ScriptedPeer, provesPassword } from '@tandem/testing';
import type { IncomingCall, IncomingRequest, OutgoingCall } from '@tandem/testing';
import type { SipListen } from '../../src/network/sip-sockets.ts';
import { candidateOf } from '../support/call-samples.ts';
import { PodsOnLoopback } from '../support/pods-on-loopback.ts';

type Transport = 'udp' | 'tcp';

const credentials = { username: 'tandem', password: 'carrier-secret' };

interface AnsweredCall {
  readonly bench: PodsOnLoopback;
  readonly carrier: ScriptedPeer;
  readonly a: OutgoingCall;
  readonly b: IncomingCall;
}

function peer(user: string, transport: Transport): Promise<ScriptedPeer> {
  const options = { user, timeoutMs: 10_000 };
  return transport === 'tcp' ? ScriptedPeer.onTcp(options) : ScriptedPeer.onUdp(options);
}

/** A call over a front and two workers, with the transports of its two ends. */
async function answeredCall(t: TestContext, from: Transport, to: Transport): Promise<AnsweredCall> {
  const bench = new PodsOnLoopback();
  const listen: SipListen[] = (['udp', 'tcp'] as const).map((transport) => {
    return { transport, address: '127.0.0.1', port: 0 };
  });
  const front = await bench.front(listen);
  const { address = '', port = 0 } = front.listening[0] ?? {};
  const sipAdvertised = [{ address, port }];
  await bench.pod('worker-1', { role: 'worker', sipAdvertised });
  await bench.pod('worker-2', { role: 'worker', sipAdvertised });
  const [caller, carrier] = await Promise.all([peer('1001', from), peer('carrier', to)]);
  bench.candidates = [
    candidateOf('carrier-a', {
      addresses: [`127.0.0.1:${String(carrier.local.port)}`],
      transport: to,
      ...credentials,
    }),
  ];
  t.after(async () => {
    await Promise.all([caller.close(), carrier.close()]);
    await bench.close();
  });
  const a = caller.invite({ to: { address, port }, called: '442079460000' });
  const b = await carrier.receiveCall();
  b.ring();
  b.answer();
  await a.answered();
  await b.ack();
  return { bench, carrier, a, b };
}

async function provenRequest(b: IncomingCall, method: string): Promise<IncomingRequest> {
  (await b.receive(method)).challenge({ status: 407, realm: 'one' });
  const second = await b.receive(method);
  second.challenge({ status: 401, realm: 'two', algorithm: 'SHA-256' });
  const third = await b.receive(method);
  assert.ok(third.request.headers.has('Proxy-Authorization'));
  assert.ok(provesPassword(third.request, credentials));
  return third;
}

for (const from of ['udp', 'tcp'] as const) {
  for (const to of ['udp', 'tcp'] as const) {
    test(`AUTH-11 T2-04 T2-06 a hold and a BYE from ${from} are challenged by two hops over ${to}, and carried out`, async (t) => {
      const { bench, carrier, a, b } = await answeredCall(t, from, to);
      const hold = a.reinvite({ sdp: 'v=0\r\n' });
      const invite = await provenRequest(b, 'INVITE');
      assert.equal(cseq(invite.request).number, 4);
      invite.respond(200, { sdp: 'v=0\r\n', headers: { Contact: contactOf(to, carrier) } });
      assert.equal((await hold).headers.get('CSeq'), '2 INVITE');
      const ack = await b.ack();
      assert.equal(ack.headers.get('CSeq'), '4 ACK');
      assert.equal(ack.headers.get('Authorization'), invite.request.headers.get('Authorization'));
      const bye = a.bye();
      const last = await provenRequest(b, 'BYE');
      assert.equal(cseq(last.request).number, 7);
      last.respond(200);
      const answer = await bye;
      assert.equal(answer.status, 200);
      assert.equal(answer.headers.get('CSeq'), '3 BYE');
      assert.deepEqual(bench.ends, ['NormalClearing']);
    });
  }
}

function contactOf(transport: Transport, { local }: ScriptedPeer): string {
  const { address, port } = local;
  return `<sip:carrier@${address}:${String(port)};transport=${transport}>`;
}
