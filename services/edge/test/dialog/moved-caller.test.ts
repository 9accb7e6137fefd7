import assert from 'node:assert/strict';
import test from 'node:test';
import type { OutgoingCall, IncomingCall } from '@tandem/testing';
import type { AuthenticateReply } from '@tandem/proto/edge-replies';
import { Origin } from '@tandem/proto/auth';
import { allowed, challenged, decisionOf } from '../support/call-samples.ts';
import { EdgeBench } from '../support/edge-bench.ts';
import { RawPeer } from '../regression/raw-peer.ts';

const MOVED = { address: '10.0.7.7', port: 40_062 };
const PROVED = { service: 'auth', check: 'digest', result: 'passed' };

/** Auth challenges whoever brings no credentials, but for the INVITE that the bench begins with. */
function bench(whoProves: Partial<Origin> = {}): EdgeBench {
  const edge = new EdgeBench();
  const proved: AuthenticateReply = { ...allowed(), decisions: [decisionOf(PROVED)] };
  edge.authenticate = ({ proxyAuthorization, sourceAddress }) => {
    if (sourceAddress !== MOVED.address) return Promise.resolve(proved);
    if (proxyAuthorization.length === 0) return Promise.resolve(challenged(407));
    const value = Origin.fromPartial({
      kind: 'phone',
      name: '1001',
      account: 'demo',
      ...whoProves,
    });
    return Promise.resolve({ ...proved, outcome: { $case: 'allow', value } });
  };
  return edge;
}

interface MovedRequest {
  readonly method: string;
  readonly number: number;
  readonly isProved?: boolean;
}

/** A request in alice's dialog from where she is now. */
function moved({ dialog }: OutgoingCall, { method, number, isProved }: MovedRequest): string[] {
  const at = `${MOVED.address}:${String(MOVED.port)}`;
  const isBodiless = method === 'BYE' || method === 'ACK' || method === 'INFO';
  return [
    `${method} ${dialog.remoteTarget} SIP/2.0`,
    `Via: SIP/2.0/UDP ${at};branch=z9hG4bK${method}${String(number)}${isProved === true ? 'p' : ''}`,
    'Max-Forwards: 70',
    `From: ${dialog.localParty}`,
    `To: ${dialog.remoteParty}`,
    `Call-ID: ${dialog.callId}`,
    `CSeq: ${String(number)} ${method}`,
    ...(isBodiless ? [] : [`Contact: <sip:1001@${at}>`]),
    ...(isProved === true ? ['Proxy-Authorization: Digest username="1001", realm="tandem"'] : []),
  ];
}

async function answer(edge: EdgeBench, b: IncomingCall, method: string): Promise<void> {
  const headers = { Contact: '<sip:gw@10.0.1.1:5070>' };
  (await edge.until(b.receive(method))).respond(200, method === 'BYE' ? {} : { headers });
}

test('AUTH-01 T2-12 a phone that has moved is challenged, and hangs up once it has proved itself, on any pod', async () => {
  const edge = bench();
  const { a, b } = await edge.answeredCall();
  const other = edge.addPod();
  edge.pick = () => other;
  const phone = new RawPeer(edge, MOVED);
  await phone.send(...moved(a, { method: 'BYE', number: 11 }));
  const [challenge] = phone.responses(407);
  assert.match(challenge?.headers.get('Proxy-Authenticate') ?? '', /^Digest realm="tandem"/);
  assert.ok(challenge?.headers.has('WWW-Authenticate'));
  assert.equal(edge.carrier.transcript.count('received', 'BYE'), 0);
  const heard = answer(edge, b, 'BYE');
  await phone.send(...moved(a, { method: 'BYE', number: 12, isProved: true }));
  await heard;
  await edge.settle(1000);
  assert.equal(phone.responses(200).length, 1);
  assert.equal(phone.responses(403).length, 0);
  assert.equal(edge.told.at(-1), 'ended NormalClearing 200 caller');
  await edge.close();
});

test('AUTH-01 T2-12 a re-INVITE of a phone that has moved: its ACK and what comes next need no proof, and the callee finds it', async () => {
  const edge = bench();
  const { a, b } = await edge.answeredCall();
  const phone = new RawPeer(edge, MOVED);
  await phone.send(...moved(a, { method: 'INVITE', number: 11 }));
  assert.equal(phone.responses(407).length, 1);
  const asked = edge.asked.auth.length;
  const heard = answer(edge, b, 'INVITE');
  await phone.send(...moved(a, { method: 'INVITE', number: 12, isProved: true }));
  await heard;
  await edge.settle(1000);
  const [ok] = phone.responses(200);
  assert.ok(ok !== undefined);
  a.dialog.refresh(ok);
  const acknowledged = edge.until(b.ack());
  await phone.send(...moved(a, { method: 'ACK', number: 12 }));
  await acknowledged;
  const info = answer(edge, b, 'INFO');
  await phone.send(...moved(a, { method: 'INFO', number: 13 }));
  await info;
  // The target that the callee has now leads to where the phone is.
  const bye = b.bye().catch(() => undefined);
  await edge.settle(300);
  assert.equal(phone.requests('BYE').length > 0, true);
  assert.equal(edge.alice.transcript.count('received', 'BYE'), 0);
  assert.equal(edge.asked.auth.length, asked + 1);
  await edge.settle(40_000);
  await bye;
  await edge.close();
});

test('AUTH-01 T2-12 whoever proves to be somebody else, or cannot be challenged, does not speak in the call', async () => {
  for (const whoProves of [{ name: '1002' }, { kind: 'mapping-gateway' }]) {
    const edge = bench(whoProves);
    const { a } = await edge.answeredCall();
    const phone = new RawPeer(edge, MOVED);
    await phone.send(...moved(a, { method: 'BYE', number: 11, isProved: true }));
    assert.equal(phone.responses(403).length, 1);
    await phone.send(...moved(a, { method: 'ACK', number: 1 }));
    await edge.settle(1000);
    assert.equal(edge.carrier.transcript.count('received', 'BYE'), 0);
    await edge.close();
  }
});

test('AUTH-01 T2-12 who is known by its address alone has no other proof: 403, and auth is not asked', async () => {
  const edge = bench();
  const { authenticate } = edge;
  edge.authenticate = async (request) => ({
    ...(await authenticate(request)),
    decisions: [decisionOf({ service: 'auth', check: 'source-address', result: 'passed' })],
  });
  const { a } = await edge.answeredCall();
  const asked = edge.asked.auth.length;
  const phone = new RawPeer(edge, MOVED);
  await phone.send(...moved(a, { method: 'BYE', number: 11 }));
  assert.equal(phone.responses(403).length, 1);
  assert.equal(edge.asked.auth.length, asked);
  await edge.close();
});

test('AUTH-01 T2-12 a phone that moves while its call rings is challenged too', async () => {
  const edge = bench();
  const a = edge.call({ headers: { Supported: '100rel' } });
  const b = await edge.incoming();
  b.ring();
  await edge.until(a.provisional(180));
  const phone = new RawPeer(edge, MOVED);
  await phone.send(...moved(a, { method: 'UPDATE', number: 11 }));
  assert.equal(phone.responses(407).length, 1);
  const heard = answer(edge, b, 'UPDATE');
  await phone.send(...moved(a, { method: 'UPDATE', number: 12, isProved: true }));
  await heard;
  await edge.settle(300);
  assert.equal(phone.responses(200).length, 1);
  await edge.close();
});

test('AUTH-01 T2-12 auth is away: 503, and the phone may come again', async () => {
  const edge = bench();
  const { a } = await edge.answeredCall();
  edge.authenticate = () => Promise.reject(new Error('away'));
  const phone = new RawPeer(edge, MOVED);
  await phone.send(...moved(a, { method: 'BYE', number: 11 }));
  const [away] = phone.responses(503);
  assert.ok(away?.headers.has('Retry-After'));
  await edge.close();
});
