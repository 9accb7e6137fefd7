import assert from 'node:assert/strict';
import test from 'node:test';
import type { AuthenticateReply } from '@tandem/proto/edge-replies';
import { to } from '@tandem/sip';
import { messagesDropped } from '../../src/telemetry.ts';
import { RawPeer } from '../regression/raw-peer.ts';
import { allowed, challenged, deniedBy } from '../support/call-samples.ts';
import { EdgeBench } from '../support/edge-bench.ts';

/** A bench whose auth answers when it is told to, and not before. */
function slowAuth(): {
  readonly bench: EdgeBench;
  readonly answer: (response: AuthenticateReply) => void;
} {
  const bench = new EdgeBench();
  const asked: ((response: AuthenticateReply) => void)[] = [];
  bench.authenticate = () =>
    new Promise((resolve) => {
      asked.push(resolve);
    });
  const answer = (response: AuthenticateReply): void => {
    for (const resolve of asked.splice(0)) resolve(response);
  };
  return { bench, answer };
}

/** The To tags of all responses of a status that alice has had. */
function tagsOf(bench: EdgeBench, status: number): string[] {
  return bench.alice.transcript.lines.flatMap(({ direction, message }) =>
    direction === 'received' && message.kind === 'response' && message.status === status
      ? (message.headers.get('To')?.split('tag=')[1] ?? '')
      : [],
  );
}

/** A request of 10.0.0.77, each time the same. */
function request(method: string, toTag = ''): string[] {
  return [
    `${method} sip:442079460000@10.0.0.1 SIP/2.0`,
    'Via: SIP/2.0/UDP 10.0.0.77:5077;branch=z9hG4bK1',
    'From: <sip:1001@10.0.0.1>;tag=a',
    `To: <sip:442079460000@10.0.0.1>${toTag === '' ? '' : `;tag=${toTag}`}`,
    'Call-ID: one',
    `CSeq: 1 ${method}`,
    'Contact: <sip:1001@10.0.0.77:5077>',
    'Max-Forwards: 70',
  ];
}

test('AUTH-02 a challenge takes no step of the store, and is the same for a repeated INVITE on another pod', async () => {
  const bench = new EdgeBench();
  bench.authenticate = () => Promise.resolve(challenged(407));
  const other = bench.addPod();
  const peer = new RawPeer(bench, { address: '10.0.0.77', port: 5077 });
  const droppedBefore = messagesDropped.total;
  await peer.send(...request('INVITE'));
  bench.pick = () => other;
  await peer.send(...request('INVITE'));
  const [toTag, repeated] = peer.responses(407).map((response) => to(response).tag);
  assert.ok(toTag !== undefined && toTag === repeated);
  // That of the first comes by the other pod.
  await peer.send(...request('ACK', toTag));
  await bench.settle();
  assert.equal(peer.responses(407).length, 2, 'nothing is repeated');
  assert.equal(messagesDropped.total, droppedBefore, 'the ACK is expected');
  assert.deepEqual(bench.storeSteps(), []);
  assert.equal(bench.server.pendingCalls + other.pendingCalls, 0);
  await bench.close();
});

test('CALL-10 while auth is asked a CANCEL from another address is 481, the INVITE by another way is 482', async () => {
  const { bench, answer } = slowAuth();
  const peer = new RawPeer(bench, { address: '10.0.0.77', port: 5077 });
  const stranger = new RawPeer(bench, { address: '10.6.6.6', port: 5077 });
  await peer.send(...request('INVITE'));
  await stranger.send(...request('CANCEL'));
  assert.equal(stranger.responses(200).length, 0);
  const [line = '', , ...rest] = request('INVITE');
  await peer.send(line, 'Via: SIP/2.0/UDP 10.0.0.77:5077;branch=z9hG4bK2', ...rest);
  assert.equal(peer.responses(482).length, 1);
  answer(allowed());
  (await bench.incoming()).refuse(486);
  await bench.settle(100);
  assert.equal(stranger.responses(481).length, 1);
  assert.equal(peer.responses(486).length > 0, true);
  await bench.close();
});

test('edge.md §4: an INVITE that is repeated while auth is asked is asked about once, and nothing is said or written', async () => {
  const { bench, answer } = slowAuth();
  const a = bench.call();
  await bench.settle(2000);
  assert.equal(bench.alice.transcript.count('sent', 'INVITE'), 3);
  assert.equal(bench.asked.auth.length, 1);
  assert.equal(bench.alice.transcript.count('received', 100), 0);
  assert.deepEqual(bench.storeSteps(), []);
  assert.equal(bench.server.pendingCalls, 1);
  answer(allowed());
  (await bench.incoming()).refuse(486);
  assert.equal((await bench.until(a.final())).status, 486);
  assert.equal(bench.asked.auth.length, 1);
  // The CDR counts from the first INVITE.
  assert.equal((bench.events[0]?.endedMs ?? 0) - (bench.events[0]?.startedMs ?? 0) >= 2000, true);
  await bench.close();
});

test('CALL-06 routing slow after auth was slow: a record, then 100, 200 ms after the claim', async () => {
  const { bench, answer } = slowAuth();
  const { route } = bench;
  bench.route = async (asked) => {
    await bench.clock.sleep(1000);
    return route(asked);
  };
  const a = bench.call();
  await bench.settle(1000);
  answer(allowed());
  await bench.settle(300);
  assert.equal(bench.alice.transcript.count('received', 100), 1);
  (await bench.incoming()).refuse(486);
  assert.equal((await bench.until(a.final())).status, 486);
  await bench.close();
});

test('DENY-17 a cancel while auth is asked: 200 and 487 once it lets the call in, and one event', async () => {
  for (const response of [allowed(), deniedBy('Suspended')]) {
    const { bench, answer } = slowAuth();
    const a = bench.call();
    await bench.settle(100);
    const cancelled = a.cancel();
    // Repeated by its sender until it has its answer.
    await bench.settle(1000);
    answer(response);
    assert.equal((await bench.until(cancelled)).status, 200);
    const isAllowed = response.outcome?.$case === 'allow';
    assert.equal((await bench.until(a.final())).status, isAllowed ? 487 : 403);
    const told = isAllowed ? 'ended CallerCancelled 487 caller' : 'ended Suspended 403 switch';
    assert.deepEqual(bench.told, [told]);
    assert.equal(bench.carrier.transcript.lines.length, 0);
    await bench.settle();
    assert.equal(bench.server.pendingCalls, 0);
    await bench.close();
  }
});

test('AUTH-02 a cancel of what is challenged: 200, with the To tag of the challenge, and no event', async () => {
  const { bench, answer } = slowAuth();
  const a = bench.call();
  await bench.settle(100);
  const cancelled = a.cancel();
  await bench.settle(100);
  answer(challenged(407));
  assert.equal((await bench.until(cancelled)).status, 200);
  assert.equal((await bench.until(a.final())).status, 407);
  assert.deepEqual(tagsOf(bench, 200), tagsOf(bench, 407));
  assert.deepEqual(bench.told, []);
  assert.deepEqual(bench.storeSteps(), []);
  await bench.close();
});

test('CALL-06 an INVITE that auth is asked about when the pod begins to drain becomes a call here', async () => {
  const { bench, answer } = slowAuth();
  const a = bench.call();
  await bench.settle(100);
  let isGone = false;
  void bench.server.drain().then(() => {
    isGone = true;
  });
  await bench.settle(2000);
  assert.equal(isGone, false);
  answer(allowed());
  const b = await bench.incoming();
  b.answer();
  await bench.until(a.answered());
  await bench.until(b.ack());
  await bench.settle(2000);
  assert.equal(isGone, true);
  await bench.close();
});

test('edge.md §5: what auth says after the server was closed begins nothing', async () => {
  const { bench, answer } = slowAuth();
  bench.call();
  await bench.settle(100);
  bench.server.close();
  answer(allowed());
  await bench.settle(100);
  assert.deepEqual(bench.storeSteps(), []);
  await bench.close();
});
